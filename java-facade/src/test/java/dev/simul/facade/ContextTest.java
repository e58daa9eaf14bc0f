// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.context.ContextVar;
import java.io.IOException;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.copyContext;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ContextTest {
    private final ContextVar<String> variable = new ContextVar<>("variable");

    @Test
    @DisplayName("what is set in a context stays there, and is read like a map")
    void map() {
        var context = new Context();
        assertFalse(context.contains(variable));
        assertEquals("absent", context.get(variable, "absent"));
        assertThrows(NoSuchElementException.class, () -> context.get(variable));
        assertEquals("run", context.run(() -> {
            variable.set("inside");
            return "run";
        }));
        assertTrue(context.contains(variable));
        assertEquals("inside", context.get(variable));
        assertEquals("inside", context.get(variable, "absent"));
        assertEquals(1, context.size());
        assertEquals(Map.of(variable, "inside"), context.asMap());
        assertEquals("<Context of 1 variable>", context.toString());
        assertThrows(NoSuchElementException.class, variable::get);
    }

    @Test
    @DisplayName("a copy has the same values, and is another context")
    void copy() {
        var context = new Context();
        context.run(() -> variable.set("both"));
        var copy = context.copy();
        assertNotEquals(context, copy);
        assertEquals(context.asMap(), copy.asMap());
        copy.run(() -> variable.set("copy only"));
        assertEquals("both", context.get(variable));
        assertEquals("copy only", copy.run(() -> copyContext().get(variable)));
    }

    @Test
    @DisplayName("run throws what was thrown, and refuses a context that is entered")
    void failures() {
        var context = new Context();
        assertThrows(IOException.class, () -> context.run(() -> {
            throw new IOException("checked");
        }));
        assertThrows(IllegalStateException.class, () -> context.run(() -> context.run(() -> "nested")));
    }

    @Test
    @DisplayName("a task runs in the context it was given, and says which")
    void taskContext() {
        var context = new Context();
        VirtualTime.run(() -> {
            var task = createTask(new TaskOptions().context(context), () -> {
                sleep(seconds(1)).await();
                return variable.set("task's").hasOldValue();
            });
            assertEquals(context, task.getContext());
            assertEquals(context.hashCode(), task.getContext().hashCode());
            assertFalse(task.await());
        });
        assertEquals("task's", context.get(variable));
    }
}
