/** The Kubernetes API as a route source: list and watch, this node's pods, status, leader. */
@NullMarked
package heddle.source.kube.internal;

import org.jspecify.annotations.NullMarked;
