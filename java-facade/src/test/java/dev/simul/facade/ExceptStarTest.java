// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.BaseExceptionGroup;
import dev.simul.exceptions.ExceptionGroup;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.exceptStar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ExceptStarTest {
    private final List<String> events = new ArrayList<>();
    private final IOException missing = new FileNotFoundException("missing");
    private final ArithmeticException division = new ArithmeticException("division");
    private final DateTimeException date = new DateTimeException("date");

    private String fail() {
        throw new ExceptionGroup("all", List.of(missing, new ExceptionGroup("inner", List.of(division, date))));
    }

    private void record(BaseExceptionGroup group) {
        events.add(group.getMessage() + group.exceptions());
    }

    @Test
    @DisplayName("what succeeds passes all clauses by")
    void succeeds() {
        assertEquals("fine", exceptStar(() -> "fine", except -> except.on(Exception.class, this::record)));
        assertEquals(List.of(), events);
    }

    @Test
    @DisplayName("each clause gets a group of its type of what those before it left")
    void clauses() {
        assertNull(exceptStar(this::fail, except -> except
                .on(IOException.class, group -> assertSame(missing, group.exceptions().get(0)))
                .on(List.of(ArithmeticException.class, DateTimeException.class), group -> events.add(group.getMessage()))
                .on(Exception.class, group -> events.add("nothing is left"))));
        assertEquals(List.of("all"), events);
    }

    @Test
    @DisplayName("an exception that comes alone is handled in a group, and thrown on as it is")
    void alone() {
        assertNull(exceptStar(
                () -> {
                    throw missing;
                },
                except -> except.on(IOException.class, group -> assertEquals(List.of(missing), group.exceptions()))));
        assertSame(missing, assertThrows(IOException.class, () -> exceptStar(
                () -> {
                    throw missing;
                },
                except -> except.on(ArithmeticException.class, this::record))));
    }

    @Test
    @DisplayName("what no clause takes is thrown on with its nesting, and what handlers throw beside it")
    void thrownOn() {
        var rest = assertThrows(
                ExceptionGroup.class, () -> exceptStar(this::fail, except -> except.on(IOException.class, group -> {})));
        assertEquals(List.of(division, date), ((BaseExceptionGroup) rest.exceptions().get(0)).exceptions());
        var fresh = new IOException("fresh");
        var both = assertThrows(ExceptionGroup.class, () -> exceptStar(this::fail, except -> except
                .on(IOException.class, group -> {
                    throw fresh;
                })));
        assertSame(fresh, both.exceptions().get(0));
        assertEquals(2, both.exceptions().size());
    }

    @Test
    @DisplayName("a cancellation is handled only by a clause for it, and groups by none")
    void refusals() {
        assertThrows(CancellationException.class, () -> exceptStar(
                () -> {
                    throw new CancellationException();
                },
                except -> except.on(IOException.class, this::record)));
        assertThrows(IllegalArgumentException.class, () -> exceptStar(
                this::fail, except -> except.on(ExceptionGroup.class, this::record)));
    }

    @Test
    @DisplayName("groups are split by predicates and by classes, and subclasses derive their own kind")
    void split() {
        var group = new Failures("all", List.of(missing, division));
        var parts = group.split(e -> e == division);
        assertEquals(List.of(division), parts.match().exceptions());
        assertEquals(List.of(missing), parts.rest().exceptions());
        assertEquals(Failures.class, parts.match().getClass());
        assertEquals(List.of(missing), group.split(IOException.class).match().exceptions());
        assertEquals(List.of(missing), group.subgroup(IOException.class, DateTimeException.class).exceptions());
        assertEquals(List.of(division), group.subgroup(e -> e == division).exceptions());
        assertNull(group.subgroup(DateTimeException.class));
        assertEquals(ExceptionGroup.class, BaseExceptionGroup.of("of", List.of(missing)).getClass());
    }

    private static final class Failures extends ExceptionGroup {
        private static final long serialVersionUID = 1L;

        Failures(String message, List<? extends Throwable> exceptions) {
            super(message, exceptions);
        }

        @Override
        public BaseExceptionGroup derive(List<? extends Throwable> exceptions) {
            return new Failures(getMessage(), exceptions);
        }
    }
}
