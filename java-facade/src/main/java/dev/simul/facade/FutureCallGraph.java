// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.List;

/**
 * Where a future stands: in which lines its task waits, and who awaits it, and so on up to those that nobody awaits; made by
 * {@link Asyncio#captureCallGraph}.
 *
 * <p>Source: {@code asyncio.FutureCallGraph}.
 *
 * @param future a future or a task
 * @param callStack the frames of a task, the innermost first; empty for a future that is no task
 * @param awaitedBy those that go on, or may be done, when the future is done
 */
public record FutureCallGraph(Future<?> future, List<FrameCallGraphEntry> callStack, List<FutureCallGraph> awaitedBy) {
    static FutureCallGraph of(dev.simul.observe.FutureCallGraph graph) {
        return new FutureCallGraph(
                Future.of(graph.getFuture()),
                graph.getCallStack().stream()
                        .map(entry -> new FrameCallGraphEntry(entry.getFrame(), entry.isAsync()))
                        .toList(),
                graph.getAwaitedBy().stream().map(FutureCallGraph::of).toList());
    }
}
