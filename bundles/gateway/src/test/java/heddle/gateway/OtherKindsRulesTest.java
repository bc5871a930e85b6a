package heddle.gateway;

import static heddle.gateway.Given.times;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.GrpcRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.SecretObject;
import heddle.api.model.Service;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of all kinds but HTTPRoute: their CRDs, and for Kubernetes' own kinds what its API server checks. */
class OtherKindsRulesTest {
    private static String object(String apiVersion, String kind, String spec) {
        return "{apiVersion: " + apiVersion + ", kind: " + kind + ", metadata: {name: r}, spec: {" + spec + "}}";
    }

    private static MeshObject decode(String text) {
        Decoded decoded = new ManifestDecoder().decode("t", text);
        assertThat(decoded.problems()).isEmpty();
        return decoded.objects().getFirst();
    }

    /** apis/v1/grpcroute_types.go; SPEC.md M11, M12 */
    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            matches: [{method: {service: a.b.C, method: Do}}]                        | ok
            matches: [{method: {service: .a.b}}]                                     | ok
            matches: [{method: {method: Do}}]                                        | ok
            matches: [{headers: [{name: A, value: 'a  b'}]}]                         | ok
            matches: [{}]                                                            | ok
            matches: [{method: {}}]                                                  | method: has neither service nor method
            matches: [{method: {type: RegularExpression, service: 'a.*x+'}}]          | ok
            matches: [{method: {service: a/b}}]                                      | method.service: "a/b" (expected: names of letters
            matches: [{method: {service: 1a}}]                                       | method.service: "1a"
            matches: [{method: {method: a.b}}]                                       | method.method: "a.b" (expected: letters, digits and '_'
            matches: [{method: {type: Prefix, method: a}}]                           | method.type: "Prefix" (expected: one of Exact, RegularExpression)
            filters: [{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 1}}}]   | ok
            filters: [{type: RequestHeaderModifier, requestHeaderModifier: {}}, {type: RequestHeaderModifier, requestHeaderModifier: {}}]  | RequestHeaderModifier twice
            backendRefs: [{name: a}]                                                 | backendRefs[0].port: is missing
            timeouts: {request: 1s}                                                  | warns: spec.rules[0].timeouts: unknown field
            """)
    void grpcRoute(String rule, String expected) {
        Given.expect(object("gateway.networking.k8s.io/v1", "GRPCRoute", "rules: [{" + rule + "}]"), expected);
    }

    /** SPEC.md A8, B12, B14, S9, S10: kinds without types or rules for a mesh are not enforced, and it is said of each. */
    @ParameterizedTest(name = "{1}")
    @CsvSource({"gateway.networking.k8s.io/v1alpha1, AuthorizationPolicy", "gateway.networking.k8s.io/v1alpha1, TelemetryPolicy",
        "gateway.networking.x-k8s.io/v1alpha1, XBackend", "multicluster.x-k8s.io/v1alpha1, ServiceImport"})
    void aKindThatIsNotServedIsPassedOverAloud(String apiVersion, String kind) {
        Decoded decoded = new ManifestDecoder().decode("t", object(apiVersion, kind, "x: y"));
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.objects()).isEmpty();
        assertThat(decoded.notes()).extracting(Object::toString).singleElement().asString().contains("passed over: the mesh does not read " + apiVersion + " " + kind);
    }

    @Test void aGrpcRuleWithoutMatchIsForEveryRpc() {
        GrpcRoute route = (GrpcRoute) decode(object("gateway.networking.k8s.io/v1", "GRPCRoute", "rules: [{backendRefs: [{name: a, port: 1}]}]"));
        assertThat(route.rules().getFirst().matches()).singleElement().satisfies(match -> assertThat(match.service()).isEmpty());
        assertThat(((GrpcRoute) decode(object("gateway.networking.k8s.io/v1", "GRPCRoute", ""))).rules()).isEmpty();
    }

    @ParameterizedTest(name = "{0} {1}: {2} → {3}")
    @CsvSource(delimiter = '|', textBlock = """
            TCPRoute | v1       | rules: [{backendRefs: [{name: a, port: 1}]}]                            | ok
            UDPRoute | v1       | rules: [{backendRefs: [{name: a, port: 1}]}]                            | ok
            TLSRoute | v1       | hostnames: [a.b], rules: [{backendRefs: [{name: a, port: 1}]}]          | ok
            TCPRoute | v1alpha2 | rules: [{name: x, backendRefs: [{name: a, port: 1}]}, {name: y, backendRefs: [{name: a, port: 1}]}] | ok
            TCPRoute | v1alpha2 | rules: [{name: x, backendRefs: [{name: a, port: 1}]}, {name: x, backendRefs: [{name: a, port: 1}]}] | spec.rules[1].name
            TCPRoute | v1       | rules: [{backendRefs: [{name: a, port: 1}]}, {backendRefs: [{name: a, port: 1}]}] | spec.rules: a list of 2 (expected: exactly 1 item)
            TCPRoute | v1       | rules: [{backendRefs: []}]                                              | backendRefs: a list of 0
            TCPRoute | v1       | rules: [{}]                                                             | backendRefs: is missing
            UDPRoute | v1       | rules: []                                                               | spec.rules: a list of 0
            UDPRoute | v1       | parentRefs: []                                                          | spec.rules: is missing
            UDPRoute | v1       | rules: [{backendRefs: [{name: a}]}]                                     | backendRefs[0].port: is missing
            TLSRoute | v1       | rules: [{backendRefs: [{name: a, port: 1}]}]                            | spec.hostnames: is missing
            TLSRoute | v1alpha2 | rules: [{backendRefs: [{name: a, port: 1}]}]                            | ok
            TLSRoute | v1alpha3 | hostnames: ['*.a.b'], rules: [{backendRefs: [{name: a, port: 1}]}]      | ok
            TLSRoute | v1       | hostnames: [1.2.3.4], rules: [{backendRefs: [{name: a, port: 1}]}]      | hostnames[0]: "1.2.3.4"
            TLSRoute | v1       | hostnames: ['a.*'], rules: [{backendRefs: [{name: a, port: 1}]}]        | hostnames[0]: "a.*"
            TCPRoute | v1beta1  | rules: [{backendRefs: [{name: a, port: 1}]}]                            | apiVersion: "gateway.networking.k8s.io/v1beta1" (expected: v1 or v1alpha2
            TCPRoute | v1       | rules: [{backendRefs: [{name: a, port: 1, filters: []}]}]               | warns: backendRefs[0].filters: unknown field
            """)
    void streamRoutes(String kind, String version, String spec, String expected) {
        Given.expect(object("gateway.networking.k8s.io/" + version, kind, spec), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            from: [{group: g, kind: K, namespace: n}], to: [{group: "", kind: Service}]               | ok
            from: [{group: g, kind: K, namespace: n}], to: [{group: "", kind: Service, name: a}]      | ok
            from: [], to: [{group: "", kind: Service}]                                                | spec.from: a list of 0
            from: [{group: g, kind: K, namespace: n}]                                                 | spec.to: is missing
            from: [{kind: K, namespace: n}], to: [{group: "", kind: Service}]                         | from[0].group: is missing
            from: [{group: g, kind: K}], to: [{group: "", kind: Service}]                             | from[0].namespace: is missing
            """)
    void referenceGrant(String spec, String expected) {
        Given.expect(object("gateway.networking.k8s.io/v1", "ReferenceGrant", spec), expected);
        Given.expect(object("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", spec), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            ports: [{port: 80}]                                                          | ok
            clusterIP: None                                                              | ok
            clusterIP: '', ports: [{port: 80}]                                           | ok
            type: ExternalName, externalName: a.b                                        | ok
            ''                                                                           | spec.ports: is missing
            type: Other, ports: [{port: 80}]                                             | spec.type: "Other"
            ports: [{port: 80}, {port: 81}]                                              | spec.ports[0].name: is missing (expected: a name, since there are several
            ports: [{name: a, port: 80}, {name: a, port: 81}]                            | spec.ports[1].name: "a" (expected: a name that no other port has)
            ports: [{name: a, port: 80}, {name: b, port: 80}]                            | spec.ports[1].port: the number 80 (expected: a port that no other
            ports: [{name: a, port: 80}, {name: b, port: 80, protocol: UDP}]             | ok
            ports: [{port: 80, protocol: HTTP}]                                          | spec.ports[0].protocol: "HTTP"
            ports: [{port: 80, targetPort: web}]                                         | ok
            ports: [{port: 80, targetPort: '8080'}]                                      | spec.ports[0].targetPort: "8080" (expected: a port name
            ports: [{port: 80, targetPort: 0}]                                           | spec.ports[0].targetPort: the number 0
            ports: [{port: 80, appProtocol: kubernetes.io/h2c}]                          | ok
            ports: [{port: 80, appProtocol: 'a b'}]                                      | spec.ports[0].appProtocol
            clusterIP: 10.0.0.256, ports: [{port: 80}]                                   | spec.clusterIP: "10.0.0.256" (expected: an IP address
            clusterIP: '1.2.3', ports: [{port: 80}]                                       | spec.clusterIP: "1.2.3"
            clusterIP: '1.2.3.4', clusterIPs: ['1.2.3.5'], ports: [{port: 80}]           | spec.clusterIPs: begins with 1.2.3.5
            clusterIPs: ['1.2.3.4', 'fd00::1'], ports: [{port: 80}]                      | ok
            clusterIPs: ['1.2.3.4', '1.2.3.5'], ports: [{port: 80}]                      | spec.clusterIPs: a list of 2 (expected: one address of each family)
            selector: {app: 1}, ports: [{port: 80}]                                      | spec.selector.app: the number 1
            selector: {'a b': c}, ports: [{port: 80}]                                    | spec.selector.a b: "a b" as a name
            sessionAffinity: Sticky, ports: [{port: 80}]                                 | spec.sessionAffinity
            """)
    void service(String spec, String expected) {
        Given.expect(object("v1", "Service", spec), expected);
    }

    @Test void aServicesAddressesAreReadInOrder() {
        Service service = (Service) decode(object("v1", "Service", "clusterIP: 1.2.3.4, clusterIPs: [1.2.3.4, 'fd00::1'], ports: [{port: 80}]"));
        assertThat(service.clusterIps()).extracting(java.net.InetAddress::getHostAddress).containsExactly("1.2.3.4", "fd00:0:0:0:0:0:0:1");
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            addressType: IPv4, endpoints: [{addresses: [1.2.3.4]}]                       | ok
            addressType: IPv6, endpoints: [{addresses: ['fd00::1']}]                     | ok
            addressType: IPv4, endpoints: [{addresses: ['fd00::1']}]                     | endpoints[0].addresses[0]: "fd00::1" (expected: an address of type IPv4)
            endpoints: []                                                                | addressType: is missing
            addressType: IPv4, endpoints: [{addresses: []}]                              | addresses: a list of 0
            addressType: IPv4, endpoints: [{}]                                           | addresses: is missing
            addressType: IPv4, ports: [{port: 0}]                                        | ports[0].port: the number 0
            addressType: IPv4, endpoints: [{addresses: [localhost]}]                     | addresses[0]: "localhost" (expected: an IP address)
            """)
    void endpointSlice(String body, String expected) {
        Given.expect("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, " + body + "}", expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                                           | ok
            cgroup: system.slice/a.service, addresses: [127.0.0.1, '::1'], ready: false  | ok
            cgroup: ../x                                                                 | spec.cgroup: "../x"
            cgroup: /sys/fs/cgroup/                                                      | spec.cgroup
            cgroup: "a\\ud800.service"                                                    | (expected: a path that a file can have
            cgroup: "a\\0"                                                               | (expected: a path that a file can have
            networkNamespace: "a\\udfff"                                                 | spec.networkNamespace
            networkNamespace: blue                                                       | ok
            networkNamespace: a/b                                                        | spec.networkNamespace
            addresses: [host]                                                            | spec.addresses[0]: "host"
            addresses: [127.0.0.1, 127.0.0.1]                                            | spec.addresses[1]: "127.0.0.1" (expected: each address once)
            ports: [{name: web, port: 80}, {name: web, port: 81}]                        | spec.ports[1].name: "web"
            ports: [{name: WEB, port: 80}]                                               | spec.ports[0].name: "WEB" (expected: a port name
            ports: [{name: web}]                                                         | spec.ports[0].port: is missing
            serviceAccountName: A_B                                                      | spec.serviceAccountName
            ready: maybe                                                                 | spec.ready: "maybe" (expected: true or false)
            """)
    void workload(String spec, String expected) {
        Given.expect(object("heddle.io/v1alpha1", "Workload", spec), expected);
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            {name: a, labels: {a: b, x.io/c: ""}}                    | ok
            {name: A}                                                | metadata.name: "A" (expected: a DNS label
            {}                                                       | metadata.name: is missing
            {name: a, labels: {a: 'b c'}}                            | metadata.labels.a: "b c"
            {name: a, labels: {a: true}}                             | metadata.labels.a: the boolean true (expected: a string, in quotes)
            {name: a, annotations: {'a/b/c': d}}                     | metadata.annotations.a/b/c: "a/b/c" as a name
            {name: a, creationTimestamp: yesterday}                  | metadata.creationTimestamp: "yesterday" (expected: a time such as
            {name: a, creationTimestamp: null, extra: 1}             | warns: metadata.extra: unknown field
            """)
    void metadata(String metadata, String expected) {
        Given.expect("{apiVersion: v1, kind: Namespace, metadata: " + metadata + "}", expected);
    }

    /** SPEC.md B13 */
    @ParameterizedTest(name = "{0} | {1} → {2}")
    @CsvSource(delimiter = '|', textBlock = """
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: System                                       | ok
            {group: "", kind: Service, name: a}   | hostname: a.b, caCertificateRefs: [{group: "", kind: ConfigMap, name: c}]            | ok
            {group: "", kind: Service, name: a}   | hostname: a.b                                                                        | spec.validation: has neither caCertificateRefs nor
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: System, caCertificateRefs: [{group: "", kind: ConfigMap, name: c}]  | spec.validation: has both
            {group: "", kind: Service, name: a}   | wellKnownCACertificates: System                                                      | spec.validation.hostname: is missing
            {group: "", kind: Service, name: a}   | hostname: '*.b', wellKnownCACertificates: System                                     | spec.validation.hostname: "*.b"
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: Mine                                         | wellKnownCACertificates: "Mine"
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: System, subjectAltNames: [{type: URI, uri: 'spiffe://a/b'}, {type: Hostname, hostname: '*.c'}]  | ok
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: System, subjectAltNames: [{type: URI, hostname: c}]      | subjectAltNames[0].uri: is missing
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: System, subjectAltNames: [{type: Hostname, hostname: c, uri: 'x://y'}]   | subjectAltNames[0].uri: is set
            {group: "", kind: Service, name: a}   | hostname: a.b, wellKnownCACertificates: System, subjectAltNames: [{type: URI, uri: nothing}]     | subjectAltNames[0].uri: "nothing"
            {group: "", kind: S, name: a}, {group: "", kind: S, name: a}                     | hostname: a.b, wellKnownCACertificates: System            | targetRefs[1]: names the same target
            {group: "", kind: S, name: a, sectionName: x}, {group: "", kind: S, name: a}     | hostname: a.b, wellKnownCACertificates: System            | targetRefs[1]: names a target that another
            {group: "", kind: S, name: a, sectionName: x}, {group: "", kind: S, name: a, sectionName: y}     | hostname: a.b, wellKnownCACertificates: System   | ok
            """)
    void backendTlsPolicy(String targets, String validation, String expected) {
        Given.expect(object("gateway.networking.k8s.io/v1", "BackendTLSPolicy", "targetRefs: [" + targets + "], validation: {" + validation + "}"), expected);
    }

    /** SPEC.md T8 */
    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            retryConstraint: {budget: {percent: 30, interval: 20s}, minRetryRate: {count: 5, interval: 2s}}  | ok
            retryConstraint: {budget: {percent: 101}}                     | budget.percent: the number 101
            retryConstraint: {budget: {interval: 500ms}}                  | budget.interval: "500ms" (expected: a duration from 1s to 1h)
            retryConstraint: {budget: {interval: 2h}}                     | budget.interval: "2h"
            retryConstraint: {minRetryRate: {interval: 0s}}               | minRetryRate.interval: "0s" (expected: a duration from 1ms to 1h)
            retryConstraint: {minRetryRate: {count: 0}}                   | minRetryRate.count: the number 0
            sessionPersistence: {type: Header}                            | ok
            """)
    void backendTrafficPolicy(String spec, String expected) {
        Given.expect(object("gateway.networking.x-k8s.io/v1alpha1", "XBackendTrafficPolicy", "targetRefs: [{group: '', kind: Service, name: a}], " + spec),
                expected);
    }

    @Test void aRetryConstraintHasTheCrdsDefaults() {
        BackendTrafficPolicy policy = (BackendTrafficPolicy) decode(object("gateway.networking.x-k8s.io/v1alpha1", "XBackendTrafficPolicy",
                "targetRefs: [{group: '', kind: Service, name: a}], retryConstraint: {}"));
        assertThat(policy.retryConstraint()).contains(new BackendTrafficPolicy.RetryConstraint(20, Duration.ofSeconds(10), 10, Duration.ofSeconds(1)));
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
            controllerName: heddle.io/mesh                                                        | ok
            controllerName: heddle.io/mesh, parametersRef: {group: g, kind: K, name: n}           | ok
            controllerName: heddle                                                                | spec.controllerName: "heddle" (expected: DOMAIN/PATH)
            description: x                                                                        | spec.controllerName: is missing
            """)
    void mesh(String spec, String expected) {
        Given.expect(object("gateway.networking.x-k8s.io/v1alpha1", "XMesh", spec), expected);
    }

    @Test void secretsAreDecodedAndNeverShown() {
        SecretObject secret = (SecretObject) decode("{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: aGVsbG8=}, stringData: {b: topsecret}}");
        assertThat(secret.data()).containsEntry("a", "hello").containsEntry("b", "topsecret");
        assertThat(secret.toString()).contains("Secret default/s").doesNotContain("hello").doesNotContain("topsecret");
        Decoded bad = new ManifestDecoder().decode("t", "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: 12345, b: '&'}}");
        assertThat(bad.problems()).hasSize(1).allSatisfy(problem -> assertThat(problem.toString()).doesNotContain("12345"));
    }

    @Test void listsHaveTheirLongest() {
        Given.expect(object("heddle.io/v1alpha1", "Workload", "addresses: [" + times(17, "127.0.0.#") + "]"), "spec.addresses: a list of 17");
        Given.expect(object("gateway.networking.k8s.io/v1", "TLSRoute", "hostnames: [" + times(1025, "a#.b") + "], rules: [{backendRefs: [{name: a, port: 1}]}]"),
                "spec.hostnames: a list of 1025");
        Given.expect(object("gateway.networking.k8s.io/v1", "GRPCRoute", "rules: [{matches: [" + times(65, "{}") + "]}]"), "matches: a list of 65");
    }
}
