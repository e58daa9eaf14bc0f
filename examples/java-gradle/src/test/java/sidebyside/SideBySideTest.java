// SPDX-License-Identifier: Apache-2.0
package sidebyside;

import dev.simul.exceptions.ExceptionGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.runLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class SideBySideTest {
    private final List<String> lines = new ArrayList<>();

    private void run(String... commands) {
        runLoop(() -> new SideBySide(lines::add).run(List.of(commands)));
    }

    @Test
    void everyLineSaysWhoseItIs() {
        run("echo one; echo two >&2", "echo three");
        assertEquals(List.of("1 | one", "1 | two", "2 | three"), lines.stream().sorted().toList());
    }

    @Test
    void aFailureEndsTheOthers() {
        // The first would take an hour.
        var failed = assertThrows(ExceptionGroup.class, () -> run("sleep 3600", "exit 3"));
        assertEquals(1, failed.exceptions().size());
        assertEquals("2 ended with 3: exit 3", failed.exceptions().get(0).getMessage());
    }
}
