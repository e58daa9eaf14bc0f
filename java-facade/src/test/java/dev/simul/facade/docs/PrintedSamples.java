// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.VirtualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** The blocks of Java in a guide that a block of text follows, which is what they print. */
final class PrintedSamples {
    private static final Pattern SAMPLE = Pattern.compile("```java\n((?:(?!```).)*)```\n\n```text\n(.*?)```", Pattern.DOTALL);
    private static final Pattern METHOD = Pattern.compile("static void (\\w+)\\(\\)");

    private PrintedSamples() {}

    /**
     * A test for each: it runs the last method that the block declares, which is one of {@code samples}, as a body on virtual time;
     * those that are named as {@code outside} run outside a loop.
     */
    static Stream<DynamicTest> of(String guide, Class<?> samples, Set<String> outside) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        var matcher = SAMPLE.matcher(Files.readString(Path.of("../docs/guide", guide)));
        while (matcher.find()) {
            var name = METHOD.matcher(matcher.group(1)).results().reduce((first, second) -> second).orElseThrow().group(1);
            var expected = matcher.group(2).lines().toList();
            var method = Stream.of(samples.getDeclaredMethods()).filter(it -> it.getName().equals(name)).findFirst().orElseThrow();
            tests.add(DynamicTest.dynamicTest(name, () -> assertEquals(expected, printed(method, !outside.contains(name)))));
        }
        assertFalse(tests.isEmpty(), "there should be samples in " + guide);
        return tests.stream();
    }

    private static List<String> printed(Method method, boolean isBody) {
        var bytes = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            Callable<Object> call = () -> method.invoke(null);
            if (isBody) {
                VirtualClock.runTest(call);
            } else {
                call.call();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().collect(Collectors.toList());
    }
}
