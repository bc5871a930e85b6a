package heddle.gateway;

import static org.assertj.core.api.Assertions.assertThat;

/** Decodes one object and compares what is said about it. */
final class Given {
    /** @param expected {@code ok}, {@code warns: TEXT}, or a part of the one problem's {@code field: message} */
    static void expect(String text, String expected) {
        Decoded decoded = new ManifestDecoder().decode("t.yaml", text);
        if (expected.equals("ok") || expected.startsWith("warns: ")) {
            assertThat(decoded.problems()).as(text).isEmpty();
            assertThat(decoded.objects()).hasSize(1);
            String said = decoded.objects().getFirst() instanceof heddle.api.model.Route route ? String.join("; ", route.warnings())
                    : String.join("; ", decoded.notes().stream().map(Object::toString).toList());
            if (expected.equals("ok")) {
                assertThat(said).isEmpty();
            } else {
                assertThat(said).contains(expected.substring("warns: ".length()));
            }
            return;
        }
        assertThat(decoded.objects()).as(text).isEmpty();
        assertThat(decoded.problems()).as(text).anySatisfy(problem -> assertThat(problem.field() + ": " + problem.message()).contains(expected));
    }

    /** {@code item} n times, {@code #} replaced by the count, joined by commas. */
    static String times(int n, String item) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < n; i++) {
            out.append(i == 0 ? "" : ", ").append(item.replace("#", Integer.toString(i)));
        }
        return out.toString();
    }

    private Given() {}
}
