// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.house.WatchdogKt.watchedTests;
import static org.junit.jupiter.api.Assertions.assertEquals;

class WatchdogTest {
    @Test
    @DisplayName("the watchdog of the runtime's tests sees these too")
    void watched() {
        List<String> watched = watchedTests();
        assertEquals("the watchdog of the runtime's tests sees these too", watched.get(watched.size() - 1));
    }
}
