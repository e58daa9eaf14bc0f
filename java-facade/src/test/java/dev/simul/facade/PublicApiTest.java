// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.house.PublicApi;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PublicApiTest {
    @Test
    @DisplayName("the facade offers exactly what its committed dump says")
    void matchesTheCommittedDump() {
        new PublicApi(Path.of(System.getProperty("basedir", "")), "simul-facade").check();
    }
}
