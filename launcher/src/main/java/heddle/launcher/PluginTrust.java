package heddle.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Which jars may be installed: any, those whose every entry is signed by (or on behalf of) a listed certificate, or those whose SHA-256
 *  digest is listed. Asked before the framework sees the jar. Immutable. */
sealed interface PluginTrust {
    void check(Path jar) throws IOException, PluginRefusedException;

    static PluginTrust of(Configuration configuration) throws ConfigurationException {
        try {
            return of(configuration.text("plugins.trust"), configuration.text("plugins.certificates"), configuration.texts("plugins.digests"));
        } catch (IOException bad) {
            throw new ConfigurationException(List.of(bad.getMessage()));
        }
    }

    /** @param mode         any, signed or listed
     *  @param certificates PEM file, for signed
     *  @param digests      SHA-256 in hexadecimal, for listed
     *  @throws IOException what is wrong with the settings */
    static PluginTrust of(String mode, String certificates, List<String> digests) throws IOException {
        return switch (mode) {
            case "signed" -> {
                if (certificates.isEmpty()) throw new IOException("plugins.certificates: is not set (plugins.trust: signed needs a PEM file)");
                yield Signed.by(Path.of(certificates));
            }
            case "listed" -> {
                for (String digest : digests) {
                    if (!digest.matches("[0-9A-Fa-f]{64}")) throw new IOException("plugins.digests: " + digest + " (expected: 64 hexadecimal digits, as sha256sum prints them)");
                }
                yield new Listed(new HashSet<>(digests.stream().map(digest -> digest.toLowerCase(Locale.ROOT)).toList()));
            }
            default -> new Any();
        };
    }

    record Any() implements PluginTrust {
        @Override public void check(Path jar) {}
    }

    record Listed(Set<String> digests) implements PluginTrust {
        public Listed {
            digests = Set.copyOf(digests);
        }

        @Override public void check(Path jar) throws IOException, PluginRefusedException {
            String digest = sha256(jar);
            if (!digests.contains(digest)) throw new PluginRefusedException("its digest " + digest + " is not in plugins.digests (plugins.trust: listed)");
        }
    }

    record Signed(List<X509Certificate> trusted) implements PluginTrust {
        public Signed {
            trusted = List.copyOf(trusted);
        }

        static Signed by(Path pem) throws IOException {
            try (InputStream in = Files.newInputStream(pem)) {
                List<X509Certificate> certificates = new ArrayList<>();
                CertificateFactory.getInstance("X.509").generateCertificates(in).forEach(each -> certificates.add((X509Certificate) each));
                if (certificates.isEmpty()) throw new IOException("plugins.certificates: " + pem + " has no certificate");
                return new Signed(certificates);
            } catch (GeneralSecurityException bad) {
                throw new IOException("plugins.certificates: " + pem + ": " + bad.getMessage(), bad);
            } catch (java.nio.file.NoSuchFileException absent) {
                throw new IOException("plugins.certificates: " + pem + " is not there (plugins.trust: signed needs it)", absent);
            }
        }

        @Override public void check(Path jar) throws IOException, PluginRefusedException {
            try (JarFile file = new JarFile(jar.toFile(), true)) {
                byte[] buffer = new byte[1 << 14];
                for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                    JarEntry entry = entries.nextElement();
                    try (InputStream content = file.getInputStream(entry)) {
                        while (content.read(buffer) >= 0) {
                            // Reading to the end is what verifies an entry.
                        }
                    }
                    if (!entry.isDirectory() && !signature(entry.getName())) requireSigner(entry);
                }
            } catch (SecurityException altered) {
                throw new PluginRefusedException("its signature does not fit its content: " + altered.getMessage() + " (plugins.trust: signed)", altered);
            }
        }

        /** The signature's own files cannot be signed. */
        private static boolean signature(String name) {
            String upper = name.toUpperCase(Locale.ROOT);
            return upper.equals("META-INF/MANIFEST.MF") || upper.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
        }

        private void requireSigner(JarEntry entry) throws PluginRefusedException {
            CodeSigner[] signers = entry.getCodeSigners();
            if (signers == null) throw new PluginRefusedException(entry.getName() + " in it is not signed (plugins.trust: signed)");
            String why = "";
            for (CodeSigner signer : signers) {
                why = fault(signer.getSignerCertPath());
                if (why.isEmpty()) return;
            }
            throw new PluginRefusedException(why);
        }

        /** Why a signer does not count; "" when it does. A certificate that is listed itself counts until it is taken off the list. */
        private String fault(CertPath path) {
            List<X509Certificate> chain = path.getCertificates().stream().map(X509Certificate.class::cast).toList();
            X509Certificate leaf = chain.getFirst();
            if (trusted.contains(leaf)) return "";
            try {
                PKIXParameters parameters = new PKIXParameters(new HashSet<>(trusted.stream().map(each -> new TrustAnchor(each, null)).toList()));
                parameters.setRevocationEnabled(false);
                // what is above a listed authority does not matter
                List<X509Certificate> below = chain.stream().takeWhile(each -> !trusted.contains(each)).toList();
                CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(below), parameters);
                return "";
            } catch (CertPathValidatorException no) {
                String signer = "it is signed by " + leaf.getSubjectX500Principal();
                if (no.getReason() == BasicReason.EXPIRED) return signer + ", whose certificate or an authority's has expired: " + no.getMessage();
                if (no.getReason() == BasicReason.NOT_YET_VALID) return signer + ", whose certificate or an authority's is not valid yet: " + no.getMessage();
                return signer + ", whom plugins.certificates does not list";
            } catch (GeneralSecurityException no) {
                return "it is signed by " + leaf.getSubjectX500Principal() + ", whose certificate cannot be checked: " + no.getMessage();
            }
        }
    }

    static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = Files.newInputStream(file)) {
                byte[] buffer = new byte[1 << 16];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
