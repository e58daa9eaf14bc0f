// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.testing.network.MemoryNetwork;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.CancelSafety.checkCancelSafe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CancelSafetyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static void assertContains(String part, AssertionError failure) {
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }

    @Test
    @DisplayName("a body that cleans up passes")
    void passes() {
        checkCancelSafe(() -> {
            var other = createTask(() -> sleep(SECOND).await());
            try {
                return sleep(SECOND).await();
            } finally {
                other.cancel();
            }
        });
    }

    @Test
    @DisplayName("what a body leaves behind is reported, with the line of the body that awaited")
    void reported() {
        int line = new Throwable().getStackTrace()[0].getLineNumber() + 3;
        var failure = assertThrows(AssertionError.class, () -> checkCancelSafe(new CancelOptions().debug(true), () -> {
            var timer = getRunningLoop().callLater(Duration.ofHours(1), () -> {});
            sleep(SECOND).await();
            timer.cancel();
        }));
        assertContains("cancelled after 1 turn(s), at dev.simul.facade.CancelSafetyTest", failure);
        assertContains("(CancelSafetyTest.java:" + line + ")", failure);
        assertContains("a timer is pending", failure);
    }

    @Test
    @DisplayName("each run has a network in memory of its own, on which no socket may be left")
    void networkInMemory() {
        var options = new CancelOptions().network(MemoryNetwork::new);
        checkCancelSafe(options, () -> {
            var server = startServer("127.0.0.1", 80, (reader, writer) -> writer.close()).await();
            try {
                var connection = openConnection("127.0.0.1", 80).await();
                try {
                    return connection.reader().read().await();
                } finally {
                    connection.writer().close();
                }
            } finally {
                server.close();
                server.abortClients();
            }
        });
        var failure = assertThrows(
                AssertionError.class,
                () -> checkCancelSafe(options, () -> getRunningLoop().selectorProvider().openSocketChannel()));
        assertContains("a socket is open: <MemorySocketChannel not bound>", failure);
        assertTrue(options.toString().endsWith("network=in memory)"), options.toString());
    }

    @Test
    @DisplayName("what was made for the body may be a path, whose elements are paths without end")
    void paths() {
        checkCancelSafe(new CancelOptions(), () -> Path.of("a"), path -> {}, path -> sleep(SECOND).await());
    }

    @Test
    @DisplayName("locks that were made for the body must be free again")
    void held() {
        var failure = assertThrows(
                AssertionError.class,
                () -> checkCancelSafe(new CancelOptions(), () -> List.of(new Lock(), new Semaphore(1)), locks -> {}, locks -> {
                    ((Lock) locks.get(0)).acquire().await();
                    ((Semaphore) locks.get(1)).acquire().await();
                    sleep(SECOND).await();
                    ((Lock) locks.get(0)).release();
                    ((Semaphore) locks.get(1)).release();
                    return null;
                }));
        assertContains("it is held: <Lock [locked]>", failure);
        assertContains("it is held: <Semaphore [locked]>", failure);
    }

    @Test
    @DisplayName("a body that does not end is reported, by its turns and by its time")
    void endless() {
        var byTurns = assertThrows(AssertionError.class, () -> checkCancelSafe(new CancelOptions().turnLimit(50), () -> {
            try {
                return sleep(SECOND).await();
            } catch (CancellationException e) {
                while (true) {
                    sleep(Duration.ZERO).await();
                }
            }
        }));
        assertContains("50 turns", byTurns);
        var options = new CancelOptions().virtualTime(false).timeLimit(Duration.ofMillis(200)).settle(Duration.ofMillis(10));
        var byTime = assertThrows(AssertionError.class, () -> checkCancelSafe(options, () -> {
            try {
                return sleep(Duration.ofMillis(1)).await();
            } catch (CancellationException e) {
                return sleep(Duration.ofHours(1)).await();
            }
        }));
        assertContains("200ms", byTime);
    }

    @Test
    @DisplayName("random moments come again with their seed")
    void sampled() {
        var failure = assertThrows(AssertionError.class, () -> checkCancelSafe(new CancelOptions().samples(20).seed(7), () -> {
            var other = createTask(() -> sleep(Duration.ofHours(1)).await());
            for (int i = 0; i < 20; i++) {
                sleep(Duration.ZERO).await();
            }
            return other.cancel();
        }));
        assertContains("of 20 samples of seed 7", failure);
    }

    @Test
    @DisplayName("an option that makes no sense is refused")
    void refused() {
        assertThrows(IllegalArgumentException.class, () -> checkCancelSafe(new CancelOptions().samples(0), () -> null));
        assertEquals(new CancelOptions().toString(), new CancelOptions().virtualTime(true).toString());
    }
}
