// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HttpCasesTest {
    private static final Path MODULE = Path.of(System.getProperty("basedir", ""));
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)`(?: \\*([^*]+)\\*)?");

    @ParameterizedTest
    @CsvSource({"jdk-http-client-cases.md, 100", "jdk-http-server-cases.md, 60"})
    @DisplayName("each test that a page of cases names is there")
    void namedTestsExist(String page, int least) throws IOException {
        var missing = new ArrayList<String>();
        int count = 0;
        for (String row : Files.readAllLines(MODULE.resolve("../docs/" + page))) {
            if (!row.startsWith("| ") || row.startsWith("| behaviour") || row.startsWith("| ---")) {
                continue;
            }
            var named = NAMED.matcher(row);
            assertTrue(named.find(), () -> "a case without a test: " + row);
            do {
                count++;
                String source = sourceOf(named.group(1));
                if (source.isEmpty() || named.group(2) != null && !source.contains('"' + named.group(2) + '"')) {
                    missing.add(named.group());
                }
            } while (named.find());
        }
        assertEquals(List.of(), missing);
        assertTrue(count > least, "tests are named: " + count);
    }

    private static String sourceOf(String test) throws IOException {
        var text = new StringBuilder();
        for (String path : List.of("src/test/java/dev/simul/facade/" + test + ".java", "../http/src/test/kotlin/dev/simul/http/jdk/" + test + ".kt")) {
            if (Files.exists(MODULE.resolve(path))) {
                text.append(Files.readString(MODULE.resolve(path)));
            }
        }
        return text.toString();
    }
}
