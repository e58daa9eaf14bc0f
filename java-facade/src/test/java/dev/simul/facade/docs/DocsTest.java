package dev.simul.facade.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DocsTest {
    private static final Path SAMPLES = Path.of("src/test/java/dev/simul/facade/docs");
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void everyBlockOfJavaInTheDocsIsInAFileOfSamplesThatIsCompiled() throws IOException {
        List<String> samples = new ArrayList<>();
        for (Path sample : list(SAMPLES)) samples.add(normalized(Files.readString(sample)));
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
                printed(() -> ReadmeSamples.main(new String[0])));
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.collect(Collectors.toList());
        }
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> paths = Files.walk(Path.of(".."))) {
            return paths.filter(path -> path.toString().endsWith(".md") && !path.toString().contains("target"))
                    .collect(Collectors.toList());
        }
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
