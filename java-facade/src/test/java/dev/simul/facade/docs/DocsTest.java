// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.VirtualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DocsTest {
    private static final Path SAMPLES = Path.of("src/test/java/dev/simul/facade/docs");

    /** Compiled and run there. */
    private static final List<Path> SAMPLES_OF_OTHERS = List.of(
            Path.of("../testing/junit/src/test/java/dev/simul/junit/docs"),
            Path.of("../netty/src/test/java/dev/simul/netty/docs"),
            Path.of("../netty/src/test/resources/docs"),
            Path.of("../ktor-demo/src/test/java/dev/simul/demo/docs"));

    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    /** A block of Java, and what it prints, if that stands in a block of its own. */
    private static final Pattern SAMPLE =
            Pattern.compile("```java\n(.*?)```\n(?:\n```text\n(.*?)```)?", Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("println\\(.*;\\s+// (.*)");
    private static final Pattern METHOD = Pattern.compile("(?:static )?void (\\w+)\\((?:String\\[] args)?\\)");

    @Test
    void everyBlockOfJavaInTheDocsIsInAFileOfSamplesThatIsCompiled() throws IOException {
        List<String> samples = new ArrayList<>();
        List<Path> folders = new ArrayList<>(SAMPLES_OF_OTHERS);
        folders.add(SAMPLES);
        for (Path folder : folders) {
            for (Path sample : list(folder)) samples.add(normalized(Files.readString(sample)));
        }
        int blocks = 0;
        for (Path document : documents()) {
            var matcher = BLOCK.matcher(Files.readString(document));
            while (matcher.find()) {
                String block = normalized(matcher.group(1));
                assertTrue(samples.stream().anyMatch(sample -> sample.contains(block)), document + " has\n" + block);
                blocks++;
            }
        }
        assertFalse(blocks == 0, "there should be a block of Java in the docs");
    }

    @Test
    void theReadmesExamplePrintsWhatItSays() {
        assertEquals(
                List.of("One", "One", "One", "Two", "Two", "Two", "[done, done, done]"),
                printed(() -> Count.main(new String[0])));
    }

    @Test
    void theReadmesLoopInTheBackgroundPrintsWhatItSays() {
        var expected = List.of("One", "One", "Two", "Two", "done done");
        List<String> printed = printedInTheBackground();
        for (int attempts = 1; attempts < 5 && !printed.equals(expected); attempts++) {
            printed = printedInTheBackground(); // This thread was held up for a second before it submitted the other body.
        }
        assertEquals(expected, printed);
    }

    private static List<String> printedInTheBackground() {
        return printed(() -> {
            try {
                Background.main(new String[0]);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> everySampleOfTheGuidePrintsWhatStandsBesideOrBelowIt() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        var matcher = SAMPLE.matcher(Files.readString(Path.of("../docs/guide/java.md")));
        while (matcher.find()) {
            Method sample = methodWith(normalized(matcher.group(1)));
            List<String> expected = matcher.group(2) == null
                    ? comments(matcher.group(1))
                    : matcher.group(2).lines().collect(Collectors.toList());
            tests.add(DynamicTest.dynamicTest(
                    sample.getName(), () -> assertEquals(expected, printed(() -> call(sample)))));
        }
        return tests.stream();
    }

    private static List<String> comments(String block) {
        return COMMENT.matcher(block)
                .results()
                .flatMap(result -> Stream.of(result.group(1).split(", then ")))
                .collect(Collectors.toList());
    }

    /** The method of samples that begins last before the block's end. */
    private static Method methodWith(String block) throws IOException {
        for (Class<?> samples : List.of(FirstProgram.class, GuideBodies.class, GuidePrograms.class)) {
            String text = normalized(Files.readString(SAMPLES.resolve(samples.getSimpleName() + ".java")));
            int start = text.indexOf(block);
            if (start < 0) {
                continue;
            }
            var name = METHOD.matcher(text.substring(0, start + block.length()))
                    .results()
                    .reduce((first, second) -> second)
                    .orElseThrow()
                    .group(1);
            return Stream.of(samples.getDeclaredMethods())
                    .filter(method -> method.getName().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
        throw new AssertionError("no sample has\n" + block);
    }

    private static void call(Method sample) {
        Callable<Object> call = () -> {
            Object[] arguments = sample.getParameterCount() == 0 ? new Object[0] : new Object[] {new String[0]};
            return sample.invoke(Modifier.isStatic(sample.getModifiers()) ? null : new GuidePrograms(), arguments);
        };
        try {
            if (sample.getDeclaringClass() == GuideBodies.class) {
                VirtualClock.runTest(call);
            } else {
                call.call();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.collect(Collectors.toList());
        }
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> paths = Files.walk(Path.of(".."))) {
            return paths.filter(path -> path.toString().endsWith(".md") && !isOfOthers(path)).collect(Collectors.toList());
        }
    }

    /** The gallery's page is written from programs that are compiled already; the rest is not ours. */
    private static boolean isOfOthers(Path path) {
        var names = StreamSupport.stream(path.spliterator(), false).map(Path::toString).collect(Collectors.toSet());
        return names.contains("gallery.md") || names.contains("target") || names.contains("node_modules");
    }

    /** Indentation does not count: a block may stand inside a class. */
    private static String normalized(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n")).strip();
    }

    private static List<String> printed(Runnable block) {
        PrintStream out = System.out;
        var bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            block.run();
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().collect(Collectors.toList());
    }
}
