// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.files.DirectoriesKt;
import dev.simul.files.OpenFileKt;
import dev.simul.files.PathChange;
import dev.simul.files.TemporaryKt;
import dev.simul.files.WatchKt;
import dev.simul.files.WholeFilesKt;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * Files and directories on the loop, for {@code import static}: threads of the loop's default executor do the work.
 *
 * <pre>{@code
 * writeText(path, readText(path).await().strip()).await();
 * }</pre>
 *
 * <p>Whatever else {@link java.nio.file.Files} does, {@link Asyncio#toThread} calls: several such calls in one body need one
 * thread.
 *
 * <p>Methods that return a {@link Future} need a running loop. They fail with {@link java.nio.file.NoSuchFileException},
 * {@link java.nio.file.AccessDeniedException}, another {@link java.nio.file.FileSystemException} that names the file, or
 * another {@link java.io.IOException}: {@link Asyncio#await(java.util.concurrent.CompletionStage, Class)} lets these be caught.
 *
 * <p>On virtual time this takes real time, as {@link Asyncio#toThread} does: the clock waits for it, up to its threshold of a
 * second, before time jumps.
 *
 * <p>Source: {@code aiofiles}.
 */
public final class AsyncFiles {
    private AsyncFiles() {}

    // Open files.

    /** Opens a file of bytes to read it, as {@link #openFile(Path, String)} with the mode {@code "r"}. */
    public static Future<AsyncFile> openFile(Path path) {
        return openFile(path, "r");
    }

    /**
     * Opens a file of bytes.
     *
     * <p>The file belongs to the running loop, which closes it when it closes itself. It must be one with a position: a regular
     * file, or a device such as {@code /dev/zero}; for pipes see {@link EventLoop#connectReadPipe}. If this is cancelled it
     * leaves nothing open: if a thread is opening the file by then, it closes it.
     *
     * <p>Source: {@code open(file, mode)}, {@code aiofiles.open(file, mode)}; there, without a {@code b} in the mode, it is
     * text.
     *
     * @param mode Python's: {@code "r"} reads; {@code "w"} writes, and creates or empties the file; {@code "x"} writes a file
     *     that must not exist yet; {@code "a"} writes at the end of the file, and creates it if need be. With a {@code +},
     *     {@code "r+"}, {@code "w+"} and {@code "x+"} both read and write; there is no {@code "a+"}, since the JDK does not
     *     both read and append. A {@code b} is allowed, and changes nothing.
     * @return fails with an {@link IllegalArgumentException} if {@code mode} is none of these, and with a
     *     {@link java.nio.file.FileAlreadyExistsException} if the file must not exist
     */
    public static Future<AsyncFile> openFile(Path path, String mode) {
        return call(continuation -> OpenFileKt.openFile(path, mode, continuation), AsyncFile::new);
    }

    /**
     * As {@link #openFile(Path, String)}, by options of NIO, for what Python's modes cannot say: {@code SYNC},
     * {@code DELETE_ON_CLOSE}, {@code NOFOLLOW_LINKS}.
     *
     * <p>Without {@code READ}, {@code WRITE} or {@code APPEND} it is read. {@code WRITE} alone neither creates nor empties a
     * file.
     *
     * <p>Source: {@link java.nio.channels.FileChannel#open}.
     *
     * @return fails with an {@link IllegalArgumentException} if they contradict each other
     */
    public static Future<AsyncFile> openFile(Path path, Set<OpenOption> options) {
        var copy = Set.copyOf(options);
        return call(continuation -> OpenFileKt.openFile(path, copy, continuation), AsyncFile::new);
    }

    /** Opens a file of text in UTF-8 to read it, with all ends of lines as {@code "\n"}. */
    public static Future<AsyncTextFile> openTextFile(Path path) {
        return openTextFile(path, "r");
    }

    /** Opens a file of text in UTF-8, as {@link #openTextFile(Path, String, Charset, String)} without {@code newline}. */
    public static Future<AsyncTextFile> openTextFile(Path path, String mode) {
        return openTextFile(path, mode, StandardCharsets.UTF_8, null);
    }

    /**
     * Opens a file of text; for the rest, see {@link #openFile(Path, String)}.
     *
     * <p>Source: {@code open(file, mode, encoding=…, newline=…)}, {@code aiofiles.open(file, mode, encoding=…, newline=…)}.
     *
     * @param mode {@code "r"} to read, or {@code "w"}, {@code "x"} or {@code "a"} to write, as in
     *     {@link #openFile(Path, String)}; a {@code t} is allowed. Text is either read or written.
     * @param newline how lines end, as in Python. If null, reading takes {@code "\n"}, {@code "\r\n"} and {@code "\r"} for ends
     *     and makes each of them {@code "\n"}, and writing makes each {@code "\n"} the system's. If empty, reading knows the
     *     same ends and leaves them as they are, and writing changes nothing. If it is one of the three, reading takes only
     *     this for an end, and writing puts it in the place of each {@code "\n"}.
     * @return fails with an {@link IllegalArgumentException} if {@code mode} or {@code newline} is none of these
     */
    public static Future<AsyncTextFile> openTextFile(Path path, String mode, Charset charset, @Nullable String newline) {
        return call(
                continuation -> OpenFileKt.openTextFile(path, mode, charset, newline, continuation), AsyncTextFile::new);
    }

    // Whole files.

    /**
     * Reads a whole file. If this is cancelled, the thread stops within 256 KiB.
     *
     * <p>Source: {@code pathlib.Path.read_bytes()}.
     */
    public static Future<byte[]> readBytes(Path path) {
        return call(continuation -> WholeFilesKt.readBytes(path, continuation));
    }

    /** As {@link #readText(Path, Charset)}, in UTF-8. */
    public static Future<String> readText(Path path) {
        return readText(path, StandardCharsets.UTF_8);
    }

    /**
     * Reads a whole file, and decodes it. Line ends stay as they are.
     *
     * <p>Source: {@code pathlib.Path.read_text(encoding)}, which makes all line ends {@code "\n"}.
     *
     * @return fails with a {@link java.nio.charset.CharacterCodingException} if the bytes are not valid in {@code charset}
     */
    public static Future<String> readText(Path path, Charset charset) {
        return call(continuation -> WholeFilesKt.readText(path, charset, continuation));
    }

    /**
     * Writes a whole file, at once: whoever reads it finds what was there before, or all of {@code data}, also if this fails,
     * if it is cancelled, or if the machine fails.
     *
     * <p>A thread writes the data to a temporary file in the same folder, forces it to the device, and renames it. A file that
     * is replaced passes its permissions on, and its owner and group if the system allows that; what else belongs to it (access
     * lists, other names of a hard link) does not. Symbolic links are followed. If this fails or is cancelled, the temporary
     * file is deleted; a program that is killed may leave it, as {@code .simul-….tmp}.
     *
     * <p>If this is cancelled, it waits until the thread has cleaned up, which stops within 256 KiB; if it is cancelled once
     * more, it does not wait. If the file was being renamed, it is replaced.
     *
     * <p>Source: {@code pathlib.Path.write_bytes(data)}, which writes the file in place.
     *
     * @param data do not change it meanwhile
     * @return fails with a {@link java.nio.file.FileSystemException} if something other than a file is there, such as a
     *     directory or a device
     */
    public static Future<@Nullable Void> writeBytes(Path path, byte[] data) {
        return callForNothing(continuation -> WholeFilesKt.writeBytes(path, data, continuation));
    }

    /** As {@link #writeText(Path, String, Charset)}, in UTF-8. */
    public static Future<@Nullable Void> writeText(Path path, String text) {
        return writeText(path, text, StandardCharsets.UTF_8);
    }

    /**
     * Writes a whole file at once, as {@link #writeBytes}, with {@code text} in the given {@code charset}. Line ends stay as
     * they are.
     *
     * <p>Source: {@code pathlib.Path.write_text(data, encoding)}, which writes the file in place.
     *
     * @return fails with a {@link java.nio.charset.CharacterCodingException} if the text cannot be encoded; the file is
     *     unchanged
     */
    public static Future<@Nullable Void> writeText(Path path, String text, Charset charset) {
        return callForNothing(continuation -> WholeFilesKt.writeText(path, text, charset, continuation));
    }

    /** As {@link #lines(Path, Charset)}, in UTF-8. */
    public static AsyncIterable<String> lines(Path path) {
        return lines(path, StandardCharsets.UTF_8);
    }

    /**
     * The lines of a file of text, without their ends, which are {@code "\n"}, {@code "\r\n"} or {@code "\r"}.
     *
     * <pre>{@code
     * for (String line : lines(path)) {
     *     System.out.println(line);
     * }
     * }</pre>
     *
     * <p>The file is opened when the first line is requested, and closed at its end, by a failure or a cancellation; to leave a
     * {@code for} loop early, use {@code try}-with-resources.
     *
     * <p>Source: {@code async with aiofiles.open(path) as file: async for line in file}, where lines have their ends.
     */
    public static AsyncIterable<String> lines(Path path, Charset charset) {
        return AsyncGenerator.sentNothing(WholeFilesKt.lines(path, charset));
    }

    // Directories.

    /**
     * The entries of a directory, in no particular order; each is {@code directory} with the entry's name.
     *
     * <p>The directory is opened when the first entry is requested, some hundred entries are read at a time, and it is closed
     * at its end, by a failure or a cancellation; to leave a {@code for} loop early, use {@code try}-with-resources.
     *
     * <p>Source: {@code aiofiles.os.scandir(path)}, {@code listdir(path)}.
     */
    public static AsyncIterable<Path> listDirectory(Path directory) {
        return AsyncGenerator.sentNothing(DirectoriesKt.listDirectory(directory));
    }

    /** As {@link #walk(Path, boolean)}; symbolic links are not followed. */
    public static AsyncIterable<Path> walk(Path directory) {
        return walk(directory, false);
    }

    /**
     * All that is below a directory, and first the directory itself: each directory comes before its entries. For the rest, see
     * {@link #listDirectory}.
     *
     * <p>It fails with a {@link java.nio.file.FileSystemLoopException} if {@code followLinks} leads in a circle, and with
     * another {@link java.io.IOException} if a directory cannot be read, or is deleted meanwhile.
     *
     * <p>Source: {@code os.walk(top, followlinks)}, which gives lists of names, and leaves out the directories that it cannot
     * read.
     *
     * @param followLinks whether what symbolic links to directories lead to is walked through too
     */
    public static AsyncIterable<Path> walk(Path directory, boolean followLinks) {
        return AsyncGenerator.sentNothing(DirectoriesKt.walk(directory, followLinks));
    }

    /** As {@link #watch(Path, boolean)}, for the directory alone. */
    public static Future<AsyncIterable<PathChange>> watch(Path directory) {
        return watch(directory, false);
    }

    /**
     * Watches a directory: once this has ended, the changes of its entries are told.
     *
     * <pre>{@code
     * try (var changes = watch(folder).await()) {
     *     for (PathChange change : changes) {
     *         System.out.println(change.path() + ": " + change.kind());
     *     }
     * }
     * }</pre>
     *
     * <p>The changes end when the directory itself is deleted, and hold a descriptor and a thread until they are closed: by a
     * failure or a cancellation, also of a single {@code anext}, with their loop, or by {@code try}-with-resources.
     *
     * <p>What is told is what the JDK's {@link java.nio.file.WatchService} sees. Several changes of one path may become one, a
     * change may be told more than once, and of many changes in one turn some may be lost, which is told as an overflow. Linux
     * and Windows tell at once; on macOS, the JDK looks every few seconds.
     *
     * <p>Source: {@code watchfiles.awatch(path, recursive)}; asyncio and aiofiles have nothing for it.
     *
     * @param recursive whether all directories below are watched too, those that are made later included; what was in these by
     *     then is told as created, perhaps twice. Symbolic links are not followed
     * @return fails with a {@link java.nio.file.NotDirectoryException} if {@code directory} is not one
     */
    @SuppressWarnings("rawtypes") // As the runtime's function says it to Java.
    public static Future<AsyncIterable<PathChange>> watch(Path directory, boolean recursive) {
        return Calls.<dev.simul.generators.AsyncGenerator, AsyncIterable<PathChange>>call(
                continuation -> WatchKt.watch(directory, recursive, continuation), AsyncGenerator::sentNothing);
    }

    // Temporary files.

    /** As {@link #temporaryFile(Path, String, String)}, in the system's directory for such files. */
    public static AsyncContextManager<AsyncFile> temporaryFile() {
        return temporaryFile(null, "tmp", "");
    }

    /**
     * A new file of bytes for one block, to read and write, which is closed and deleted when the block ends, however that is.
     * Only this user may open it; others do so by its {@link AsyncFile#path}.
     *
     * <pre>{@code
     * asyncWith(temporaryFile(), file -> file.write(data).await()).await();
     * }</pre>
     *
     * <p>A task that is cancelled while it enters or leaves the block leaves no file; it waits, unless it is cancelled once
     * more, until it is deleted.
     *
     * <p>Source: {@code aiofiles.tempfile.NamedTemporaryFile(suffix, prefix, dir)}.
     *
     * @param directory where it is; null stands for the system's directory for such files
     */
    public static AsyncContextManager<AsyncFile> temporaryFile(@Nullable Path directory, String prefix, String suffix) {
        var manager = Managers.fromRuntime(TemporaryKt.temporaryFile(directory, prefix, suffix));
        return new AsyncContextManager<>() {
            @Override
            public AsyncFile aenter() throws Exception {
                return new AsyncFile(manager.aenter());
            }

            @Override
            public boolean aexit(@Nullable Throwable exception) throws Exception {
                return manager.aexit(exception);
            }
        };
    }

    /** As {@link #temporaryDirectory(Path, String)}, in the system's directory for such files. */
    public static AsyncContextManager<Path> temporaryDirectory() {
        return temporaryDirectory(null, "tmp");
    }

    /**
     * A new directory for one block, which is deleted when the block ends, however that is, with all that is in it then. Only
     * this user may open it. Symbolic links are deleted, and what they lead to stays.
     *
     * <p>A task that is cancelled while it enters or leaves the block leaves no directory; it waits, unless it is cancelled
     * once more, until it is deleted.
     *
     * <p>Source: {@code aiofiles.tempfile.TemporaryDirectory(suffix, prefix, dir)}.
     *
     * @param parent where it is; null stands for the system's directory for such files
     */
    public static AsyncContextManager<Path> temporaryDirectory(@Nullable Path parent, String prefix) {
        return Managers.fromRuntime(TemporaryKt.temporaryDirectory(parent, prefix));
    }
}
