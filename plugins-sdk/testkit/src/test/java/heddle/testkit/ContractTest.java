package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.policy.Endpoint;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.policy.Backend;
import heddle.api.policy.PickContext;
import heddle.api.policy.RequestEdit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** A contract must fail for what breaks it. */
class ContractTest {
    private static FilterContract contract(BiFunction<RequestEdit, Exchange, FilterAction> filter) {
        return new FilterContract() {
            @Override protected FilterFactory factory() {
                return new FilterFactory() {
                    @Override public String type() {
                        return "acme.example/Careless";
                    }

                    @Override public Filter create(FilterSpec spec) {
                        return filter::apply;
                    }
                };
            }

            @Override protected GivenSpec good() {
                return GivenSpec.resource("acme.example/Careless", Map.of());
            }

            @Override protected Map<String, GivenSpec> bad() {
                return Map.of("spec.value", good());
            }
        };
    }

    private static void fails(Rule rule) {
        assertThatThrownBy(rule::check).isInstanceOfAny(AssertionError.class, IllegalStateException.class, IllegalArgumentException.class);
    }

    private interface Rule {
        void check() throws Exception;
    }

    @Test
    void aFilterThatTakesEverySpecFails() {
        fails(contract((request, exchange) -> FilterAction.CONTINUE)::aBadSpecIsRefusedByItsField);
        fails(contract((request, exchange) -> FilterAction.CONTINUE)::anUnknownFieldOfItsResourceIsRefused);
    }

    @Test
    void aFilterThatThrowsReturnsNullOrInjectsALineFails() {
        fails(contract((request, exchange) -> {
            throw new IllegalStateException("now and then");
        })::everyRequestIsDecidedWithSomethingThatCanBeSent);
        fails(contract((request, exchange) -> null)::everyRequestIsDecidedWithSomethingThatCanBeSent);
        fails(contract((request, exchange) -> {
            request.setHeader("x-a", "b\r\nx-evil: 1");
            return FilterAction.CONTINUE;
        })::everyRequestIsDecidedWithSomethingThatCanBeSent);
        fails(contract((request, exchange) -> new FilterAction.Reply(99, List.of(), new byte[0], "odd"))::everyRequestIsDecidedWithSomethingThatCanBeSent);
    }

    @Test
    void aFilterWhoseThreadOutlivesItFails() {
        Thread[] started = new Thread[1];
        FilterContract contract = contract((request, exchange) -> {
            CountDownLatch runs = new CountDownLatch(1);
            started[0] = Thread.ofPlatform().daemon().start(() -> {
                runs.countDown();
                while (!Thread.currentThread().isInterrupted()) LockSupport.park();
            });
            try {
                runs.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return FilterAction.CONTINUE;
        });
        fails(contract::closeEndsItsThreadsAndMayBeCalledTwice);
        started[0].interrupt();
    }

    @Test
    void aBalancerThatRemembersAnOldListFails() {
        LoadBalancerContract contract = new LoadBalancerContract() {
            @Override protected LoadBalancerFactory factory() {
                return new LoadBalancerFactory() {
                    @Override public String name() {
                        return "stale";
                    }

                    @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
                        return new Stale();
                    }
                };
            }
        };
        fails(contract::aPickFollowsItsOwnListBeforeAnyUpdateAndAfterAnother);
        fails(contract::whatWasTriedIsAvoidedWhileThereAreOthers);
        fails(contract::everyEndpointGetsSome);
    }

    private static final class Stale implements LoadBalancer {
        private List<Endpoint> known = List.of();

        @Override public Endpoint pick(PickContext context) {
            return known.isEmpty() ? context.ready().getFirst() : known.getFirst();
        }

        @Override public void update(List<Endpoint> ready) {
            known = ready;
        }
    }
}
