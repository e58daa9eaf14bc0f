// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * An open file of text, made by {@link AsyncFiles#openTextFile}, and read or written from one end to the other.
 *
 * <pre>{@code
 * try (var file = openTextFile(path).await()) {
 *     for (String line : file.lines()) {
 *         System.out.println(line);
 *     }
 * }
 * }</pre>
 *
 * <p>As with an {@link AsyncFile}, any number of tasks may use it, one at a time; a read that is cancelled loses nothing, and a
 * write that has begun is completed. All operations fail with an {@link IllegalStateException} if the file is closed, or was
 * not opened for them, with an {@link java.io.IOException} if the system fails, and with a
 * {@link java.nio.charset.CharacterCodingException} if the bytes are not valid in the charset, or the text cannot be encoded in it.
 *
 * <p>Source: what {@code aiofiles.open} returns, and Python's {@code io.TextIOWrapper}; to go to a place in the file, or to
 * both read and write it, open it by {@link AsyncFiles#openFile}. There is no {@code flush}: nothing that was written is held
 * back.
 */
public final class AsyncTextFile implements AsyncCloseable {
    private final dev.simul.files.AsyncTextFile delegate;

    AsyncTextFile(dev.simul.files.AsyncTextFile delegate) {
        this.delegate = delegate;
    }

    /** The path it was opened by. */
    public Path path() {
        return delegate.getPath();
    }

    /** Whether {@link #aclose} was called. Source: {@code closed}. */
    public boolean isClosed() {
        return delegate.isClosed();
    }

    /** All text up to the end. Source: {@code read()}. */
    public Future<String> read() {
        return read(-1);
    }

    /**
     * The next {@code n} characters, or fewer if the file ends; all up to the end if {@code n} is negative. They are
     * {@code char}s: of a pair of surrogates, one may be left.
     *
     * <p>Source: {@code read(n)}.
     *
     * @return an empty text at the end of the file
     */
    public Future<String> read(int n) {
        return call(continuation -> delegate.read(n, continuation));
    }

    /**
     * The next line with its end, which is {@code "\n"} unless the file was opened with another {@code newline}; the last line
     * may have none.
     *
     * <p>Source: {@code readline()}.
     *
     * @return an empty text at the end of the file
     */
    public Future<String> readline() {
        return call(delegate::readline);
    }

    /**
     * The lines from here on, without their ends. Closing them leaves the file open.
     *
     * <p>Source: {@code async for line in file}, where lines have their ends.
     */
    public AsyncIterable<String> lines() {
        return AsyncGenerator.sentNothing(delegate.lines());
    }

    /**
     * Writes all of {@code text}.
     *
     * <p>A charset with a byte order mark, such as UTF-16, writes it before the first text.
     *
     * <p>Source: {@code write(s)}.
     */
    public Future<@Nullable Void> write(String text) {
        return callForNothing(continuation -> delegate.write(text, continuation));
    }

    /** As {@link AsyncFile#fsync()}. */
    public Future<@Nullable Void> fsync() {
        return fsync(true);
    }

    /** As {@link AsyncFile#fsync(boolean)}. */
    public Future<@Nullable Void> fsync(boolean metadata) {
        return callForNothing(continuation -> delegate.fsync(metadata, continuation));
    }

    /**
     * Closes the file, once the operation under way has ended; it is closed even if this is cancelled.
     *
     * <p>Source: {@code close()}.
     */
    @Override
    public Future<@Nullable Void> aclose() {
        return callForNothing(delegate::aclose);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
