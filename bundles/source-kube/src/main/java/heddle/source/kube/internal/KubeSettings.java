package heddle.source.kube.internal;

/** Settings of this bundle (launcher/conf/settings.list); PID heddle.source.kube. All are read once, at start. */
public @interface KubeSettings {
    /** "" = $KUBECONFIG, the pod's service account, ~/.kube/config. */
    String kubeconfig() default "";

    /** As kubelet has it; the launcher fills in what is left open. */
    String nodeName() default "";

    /** Whether pods that no label puts in or out of the mesh are in it. */
    boolean kube_meshDefault() default true;

    /** Label selector of the namespaces whose pods and routes are this mesh's business; "" = all. */
    String kube_meshNamespaces() default "";

    /** Name of the XMesh, and of the Lease of the daemon that writes status. */
    String kube_meshName() default "heddle";

    /** Where the Leases are; "" = the pod's namespace, or kube-system outside of the cluster. */
    String kube_namespace() default "";
}
