// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertFalse;

/** What the dump of the runtime's public API lists. Java's compiler sees what is internal in Kotlin too; the dump does not. */
final class RuntimeApi {
    private RuntimeApi() {}

    /** Methods as {@code owner.name(parameters)result}, fields as {@code owner.nametype}; types are descriptors. */
    static Set<String> members() {
        try {
            var members = new HashSet<String>();
            String owner = "";
            for (String line : Files.readAllLines(
                    Path.of(System.getProperty("basedir", ""), "../runtime-kotlin/api/simul-runtime.api"))) {
                if (line.endsWith("{")) {
                    owner = line.replaceFirst(".*(class|interface) (\\S+).*", "$2").replace('/', '.');
                } else if (line.matches(".* (fun|field) .*")) {
                    members.add(owner + "." + line.replaceFirst(".* (fun|field) (\\S+) ", "$2"));
                }
            }
            assertFalse(members.isEmpty());
            return members;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
