// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.timeout;
import static dev.simul.facade.Asyncio.timeoutAt;
import static dev.simul.facade.VirtualTime.seconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TimeoutTest {
    @Test
    @DisplayName("a body may look at its deadline, and move it")
    void reschedule() {
        VirtualTime.run(() -> {
            String result = timeout(seconds(1), scope -> {
                assertEquals(Optional.of(seconds(1)), scope.when());
                scope.reschedule(seconds(5));
                assertEquals(Optional.of(seconds(5)), scope.when());
                String slept = sleep(seconds(3), "in time").await();
                scope.reschedule(null);
                assertEquals(Optional.empty(), scope.when());
                assertFalse(scope.expired());
                assertTrue(scope.toString().contains("active"), scope::toString);
                return slept;
            }).await();
            assertEquals("in time", result);
            assertEquals(seconds(3), getRunningLoop().time());
        });
    }

    @Test
    @DisplayName("a body that refuses the cancellation sees that its time has passed, and cannot move the deadline")
    void expired() {
        VirtualTime.run(() -> timeout(seconds(1), scope -> {
            assertThrows(CancellationException.class, () -> sleep(seconds(9)).await());
            assertTrue(scope.expired());
            return assertThrows(IllegalStateException.class, () -> scope.reschedule(seconds(10)));
        }).await());
    }

    @Test
    @DisplayName("a limit may be a time of the loop")
    void until() {
        VirtualTime.run(() -> {
            var deadline = getRunningLoop().time().plusSeconds(2);
            assertThrows(TimeoutException.class, () -> timeoutAt(deadline, () -> sleep(seconds(9)).await()).await());
            assertEquals(deadline, getRunningLoop().time());
            assertEquals("unlimited", timeoutAt(null, () -> sleep(seconds(9), "unlimited").await()).await());
            assertEquals(
                    Optional.of(Duration.ZERO), timeoutAt(Duration.ZERO, scope -> scope.when()).await());
        });
    }

    @Test
    @DisplayName("of two limits the inner one that is passed is told from the outer")
    void nested() {
        VirtualTime.run(() -> timeout(seconds(5), outer -> {
            assertThrows(TimeoutException.class, () -> timeout(seconds(1), () -> sleep(seconds(9)).await()).await());
            assertFalse(outer.expired());
            return sleep(seconds(1)).await();
        }).await());
    }

    @Test
    @DisplayName("the cancellation of the task wins over the limit")
    void cancelled() {
        VirtualTime.run(() -> {
            var task = createTask(() -> timeout(seconds(2), scope -> sleep(seconds(9)).await()).await());
            sleep(seconds(1)).await();
            task.cancel("from outside");
            assertEquals("from outside", assertThrows(CancellationException.class, task::await).getMessage());
        });
    }

    @Test
    @DisplayName("what a scope starts last begins before the scope ends")
    void startsTheLastCall() {
        VirtualTime.run(() -> {
            var started = timeout(seconds(5), scope -> sleep(seconds(1), "started")).await();
            assertEquals("started", started.await());
        });
    }
}
