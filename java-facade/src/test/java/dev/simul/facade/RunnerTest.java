// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RunnerTest {
    private final ContextVar<String> variable = new ContextVar<>("variable", "none");

    @Test
    @DisplayName("the bodies of a runner share a loop and context variables")
    void shares() {
        EventLoop loop;
        try (var runner = new Runner()) {
            loop = runner.getLoop();
            assertSame(loop, runner.run(() -> {
                variable.set("shared");
                return getRunningLoop();
            }));
            assertEquals("shared", runner.run(() -> variable.get()));
            assertEquals("none", runner.run(new Context(), () -> variable.get()));
            assertThrows(IOException.class, () -> runner.run(() -> {
                throw new IOException("the body's");
            }));
        }
        assertTrue(loop.isClosed());
    }

    @Test
    @DisplayName("a runner takes debug mode and a loop factory, and refuses to run when it is closed")
    void variants() {
        var loop = Asyncio.newEventLoop();
        var runner = new Runner(true, () -> loop);
        runner.close(); // before it is used
        assertSame(loop, runner.getLoop());
        assertTrue(loop.getDebug());
        runner.close();
        runner.close();
        assertThrows(IllegalStateException.class, () -> runner.run(() -> "closed"));
    }
}
