package heddle.match.internal;

import heddle.api.match.RouteCompiler;
import heddle.testkit.RouteTableContract;

class TrieRouteCompilerTest extends RouteTableContract {
    @Override protected RouteCompiler compiler() {
        return new TrieRouteCompiler();
    }
}
