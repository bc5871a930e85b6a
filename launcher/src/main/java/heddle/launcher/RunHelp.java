package heddle.launcher;

import java.io.IOException;

/** {@code heddle run --help}: the options, and every setting with default and unit. */
final class RunHelp {
    private RunHelp() {}

    static String text(Installation installation) throws IOException {
        StringBuilder text = new StringBuilder("""
                usage: heddle run [--config FILE] [--manifests DIR]... [--kubernetes [--kubeconfig FILE] [--node-name NAME]]
                                  [--take-over] [--set KEY=VALUE]...

                The daemon in the foreground. SIGTERM drains and stops it, SIGHUP and changes of the file reload it.

                  --config FILE      the YAML file; else /etc/heddle/heddle.yaml if there is one, else conf/heddle.yaml
                  --manifests DIR    one more folder of Kubernetes manifests
                  --kubernetes       objects from the Kubernetes API too, for the pods of this node
                  --kubeconfig FILE  credentials for it; else $KUBECONFIG, the pod's service account, ~/.kube/config
                  --node-name NAME   this node; else $NODE_NAME, else the host's name
                  --take-over        begin beside the daemon that is running, take its place when ready, and have it end
                  --set KEY=VALUE    one setting; lists take commas

                Settings (* = a change needs a restart):

                """);
        for (Setting setting : installation.settings().all()) {
            text.append("  ").append(setting.key()).append(setting.reloadable() ? "" : " *").append("  (").append(setting.type());
            if (!setting.unit().equals("-")) text.append(", ").append(setting.unit());
            text.append(setting.text().isEmpty() ? ")" : "; default " + setting.text() + ")").append('\n');
            text.append("      ").append(setting.description()).append('\n');
        }
        text.append("""

                Exit status: 0 stopped as asked, 1 failed, 2 bad option or configuration, 3 the demanded steering does not work,
                4 another daemon is running here.
                """);
        return text.toString();
    }
}
