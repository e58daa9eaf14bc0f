// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.ProcessOptions;
import dev.simul.files.PathChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.AsyncFiles.lines;
import static dev.simul.facade.AsyncFiles.listDirectory;
import static dev.simul.facade.AsyncFiles.openFile;
import static dev.simul.facade.AsyncFiles.openTextFile;
import static dev.simul.facade.AsyncFiles.readText;
import static dev.simul.facade.AsyncFiles.temporaryDirectory;
import static dev.simul.facade.AsyncFiles.walk;
import static dev.simul.facade.AsyncFiles.watch;
import static dev.simul.facade.AsyncFiles.writeBytes;
import static dev.simul.facade.AsyncFiles.writeText;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.toThread;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.time.Duration.ofSeconds;

/** The blocks of the guide to files; {@link FileSamplesTest} runs them, {@link DocsTest} compares. */
final class FileSamples {
    private FileSamples() {}

    static int countVisit(Path path) {
        int visits = Files.exists(path) ? Integer.parseInt(await(readText(path)).strip()) + 1 : 1;
        await(writeText(path, visits + "\n"));
        return visits;
    }

    static List<String> errors(Path log) {
        List<String> errors = new ArrayList<>();
        for (String line : lines(log)) {
            if (line.contains("ERROR")) {
                errors.add(line);
            }
        }
        return errors;
    }

    static @Nullable String firstError(Path log) {
        try (var lines = lines(log)) {
            for (String line : lines) {
                if (line.contains("ERROR")) {
                    return line;
                }
            }
        }
        return null;
    }

    static byte[] replaceHeader(Path path, byte[] header) {
        try (var file = await(openFile(path, "r+"))) {
            byte[] old = await(file.read(header.length));
            await(file.seek(0));
            await(file.write(header));
            await(file.fsync());
            return old;
        }
    }

    static void toWindows(Path source, Path target) {
        try (var input = await(openTextFile(source));
                var output = await(openTextFile(target, "w", UTF_8, "\r\n"))) {
            for (String line : input.lines()) {
                await(output.write(line + "\n"));
            }
        }
    }

    static void runAll(Path log, List<String> names) {
        try (var file = await(openFile(log, "a"))) {
            await(taskGroup(group -> {
                for (String name : names) {
                    group.createTask(() -> {
                        await(sleep(ofSeconds(1)));
                        await(file.write(name + " is done\n"));
                    });
                }
                return null;
            }));
        }
    }

    static Map<Path, Long> sizes(Path folder) {
        Map<Path, Long> sizes = new HashMap<>();
        for (Path path : walk(folder)) {
            if (Files.isRegularFile(path)) {
                sizes.put(path, await(toThread(() -> Files.size(path))));
            }
        }
        return sizes;
    }

    static void reloading(Path settings, Consumer<String> load) {
        try (var changes = await(watch(settings.getParent()))) {
            load.accept(await(readText(settings)));
            for (PathChange change : changes) {
                if (change.path().equals(settings) && change.kind() != PathChange.Kind.DELETED) {
                    load.accept(await(readText(settings)));
                }
            }
        }
    }

    static int unpacked(byte[] archive) {
        return await(asyncWith(temporaryDirectory(), folder -> {
            await(writeBytes(folder.resolve("archive"), archive));
            await(await(createSubprocessExec(new ProcessOptions().cwd(folder), "tar", "xf", "archive")).waitFor());
            int count = 0;
            for (Path entry : listDirectory(folder)) {
                count++;
            }
            return count - 1;
        }));
    }

    static Path publish(Path draft, Path folder) {
        return await(toThread(() -> {
            Files.createDirectories(folder);
            return Files.move(draft, folder.resolve(draft.getFileName()), REPLACE_EXISTING);
        }));
    }
}
