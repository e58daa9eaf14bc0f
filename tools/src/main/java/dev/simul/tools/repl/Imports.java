// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl;

import dev.simul.facade.Asyncio;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What snippets need not import. */
final class Imports {
    private static final String FACADE = Asyncio.class.getPackageName();

    /** Those of jshell's own start, without its rarest, then time and what the facade's methods speak of. */
    private static final List<String> PACKAGES = List.of(
            "java.io",
            "java.math",
            "java.net",
            "java.nio.file",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "java.util.regex",
            "java.util.stream");

    private static final List<String> OF_THE_RUNTIME = List.of(
            "dev.simul.exceptions.BaseExceptionGroup",
            "dev.simul.exceptions.CancelledException",
            "dev.simul.exceptions.ExceptionGroup",
            "dev.simul.exceptions.InvalidStateException",
            "dev.simul.context.ContextVar",
            "dev.simul.queues.QueueEmpty",
            "dev.simul.queues.QueueFull",
            "dev.simul.queues.QueueShutDown");

    private Imports() {}

    /** As snippets. */
    static List<String> all() {
        List<String> imports = new ArrayList<>();
        PACKAGES.forEach(each -> imports.add("import " + each + ".*;"));
        OF_THE_RUNTIME.forEach(each -> imports.add("import " + each + ";"));
        imports.add("import " + FACADE + ".*;");
        imports.add("import static " + Asyncio.class.getName() + ".*;");
        for (String name : facadeNames()) {
            // Asyncio's names win, as Python's own do in its REPL.
            if (PACKAGES.stream().anyMatch(each -> exists(each + "." + name))) {
                imports.add("import " + FACADE + "." + name + ";");
            }
        }
        return imports;
    }

    private static boolean exists(String type) {
        try {
            Class.forName(type, false, Imports.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static List<String> facadeNames() {
        String folder = FACADE.replace('.', '/');
        try {
            Path origin = Path.of(Asyncio.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(origin)) {
                return namesIn(origin.resolve(folder));
            }
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + origin.toUri()), Map.of())) {
                return namesIn(jar.getPath(folder));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.contains("$") && !name.contains("-"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .sorted()
                    .toList();
        }
    }
}
