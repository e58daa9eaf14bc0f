// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What the dumps of the public API of the runtime, of HTTP, of simulations and of clusters list. Java's compiler sees what is internal in
 * Kotlin too; the dump does not.
 */
final class RuntimeApi {
    private RuntimeApi() {}

    /** Methods as {@code owner.name(parameters)result}, fields as {@code owner.nametype}; types are descriptors. */
    static Set<String> members() {
        var members = new HashSet<String>();
        addAll(members, "../runtime-kotlin/api/simul-runtime.api");
        addAll(members, "../http/api/simul-http.api");
        addAll(members, "../simulation/api/simul-simulation.api");
        addAll(members, "../cluster-hazelcast/api/simul-cluster-hazelcast.api");
        return members;
    }

    private static void addAll(Set<String> members, String dump) {
        try {
            String owner = "";
            int before = members.size();
            for (String line : Files.readAllLines(Path.of(System.getProperty("basedir", ""), dump))) {
                if (line.endsWith("{")) {
                    owner = line.replaceFirst(".*(class|interface) (\\S+).*", "$2").replace('/', '.');
                } else if (line.matches(".* (fun|field) .*")) {
                    members.add(owner + "." + line.replaceFirst(".* (fun|field) (\\S+) ", "$2"));
                }
            }
            assertTrue(members.size() > before, dump);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
