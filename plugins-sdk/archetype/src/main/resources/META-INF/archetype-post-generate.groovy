// Keeps what belongs to the chosen kind: every other file of a kind carries its name in front (source.example.yaml) or is listed here.
def project = new File(request.outputDirectory, request.artifactId)
def kind = request.properties.getProperty("kind")
def classes = [filter: ["HeaderStamp"], predicate: ["TierMatch"], balancer: ["FirstReady"], source: ["OneService"]]
def folder = request.properties.getProperty("package").replace('.', '/')
classes.each { each, names ->
    if (each != kind) {
        names.each { name ->
            new File(project, "src/main/java/${folder}/${name}.java").delete()
            new File(project, "src/test/java/${folder}/${name}Test.java").delete()
        }
        new File(project, "example-${each}.yaml").delete()
    }
}
new File(project, "example-${kind}.yaml").renameTo(new File(project, "example.yaml"))
new File(project, "deploy").setExecutable(true)
