// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.generators.AsyncIterator;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.awaitHere;
import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;

/**
 * An open file of bytes with a position, made by {@link AsyncFiles#openFile}; threads of the loop's default executor do its
 * work.
 *
 * <pre>{@code
 * try (var file = openFile(path).await()) {
 *     byte[] header = file.read(16).await();
 *     for (byte[] line : file) {
 *         handle(line);
 *     }
 * }
 * }</pre>
 *
 * <p>Any number of tasks may use it: their operations are done one at a time, in the order in which they begin. What was read
 * ahead is returned without a thread, and without giving up the turn.
 *
 * <p>Cancelling an operation ends the wait at once; no thread is interrupted, and the file stays open and usable. A read that
 * was cancelled leaves the position where it was. A write that was cancelled before a thread has begun it does nothing;
 * otherwise it is completed, the position follows it, and the next operation waits for it.
 *
 * <p>All operations fail with an {@link IllegalStateException} if the file is closed, or was not opened for them, and with an
 * {@link java.io.IOException} if the system fails.
 *
 * <p>Source: what {@code aiofiles.open} returns, and Python's {@code io.BufferedIOBase}. There is no {@code flush}: nothing
 * that was written is held back.
 */
public final class AsyncFile implements Iterable<byte[]>, AsyncCloseable {
    private final dev.simul.files.AsyncFile delegate;

    AsyncFile(dev.simul.files.AsyncFile delegate) {
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

    // Reading.

    /** All bytes up to the end. Source: {@code read()}. */
    public Future<byte[]> read() {
        return read(-1);
    }

    /**
     * The next {@code n} bytes, or fewer if the file ends; all up to the end if {@code n} is negative.
     *
     * <p>Source: {@code read(n)}.
     *
     * @return an empty array at the end of the file
     */
    public Future<byte[]> read(int n) {
        return call(continuation -> delegate.read(n, continuation));
    }

    /**
     * Reads bytes into {@code buffer}, as many as are at hand: at least one, unless the file is at its end or the buffer is
     * full.
     *
     * <p>The bytes are put into the buffer when the read ends: one that is cancelled leaves the buffer as it was.
     *
     * <p>Source: {@code readinto(b)}; compare {@link java.nio.channels.ReadableByteChannel#read}.
     *
     * @return the number of bytes; -1 at the end of the file
     */
    public Future<Integer> readInto(ByteBuffer buffer) {
        return call(continuation -> delegate.readInto(buffer, continuation));
    }

    /**
     * The next line, with its line feed; the last line may have none.
     *
     * <p>Source: {@code readline()}.
     *
     * @return an empty array at the end of the file
     */
    public Future<byte[]> readline() {
        return call(delegate::readline);
    }

    /**
     * The lines from the position on, with their line feeds, for a {@code for} loop in the calling body: its {@code hasNext()}
     * awaits the next line in place, as {@link #readline} does.
     *
     * <p>Source: {@code async for line in file}.
     */
    @Override
    public Iterator<byte[]> iterator() {
        return new Lines(delegate.iterator());
    }

    private static final class Lines implements Iterator<byte[]> {
        private final AsyncIterator<byte[]> lines;
        private boolean isAhead;

        Lines(AsyncIterator<byte[]> lines) {
            this.lines = lines;
        }

        @Override
        public boolean hasNext() {
            if (!isAhead) {
                isAhead = awaitHere(lines::hasNext);
            }
            return isAhead;
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the file has ended");
            }
            isAhead = false;
            return lines.next();
        }
    }

    // Writing.

    /**
     * Writes all of {@code data} at the position, or at the end of a file that was opened to append.
     *
     * <p>The bytes are not copied: do not change them before the file's next operation has ended, even if this is cancelled. If
     * it fails, for example since the disk is full, a part may be written, and the position follows that.
     *
     * <p>Source: {@code write(b)}.
     */
    public Future<@Nullable Void> write(byte[] data) {
        return callForNothing(continuation -> delegate.write(data, continuation));
    }

    /** As {@link #write(byte[])}, from the position of {@code data} to its limit; it moves there when all is written. */
    public Future<@Nullable Void> write(ByteBuffer data) {
        return callForNothing(continuation -> delegate.write(data, continuation));
    }

    /** As {@link #write(byte[])}, for a text, which is encoded in UTF-8. */
    public Future<@Nullable Void> write(String text) {
        return callForNothing(continuation -> delegate.write(text, continuation));
    }

    // The file itself.

    /**
     * Moves the position to {@code position}, in bytes from the beginning; it may be behind the end.
     *
     * <p>Source: {@code seek(offset)}; for the other origins, add {@link #tell} or {@link #size}.
     *
     * @return the position; fails with an {@link IllegalArgumentException} if it is negative
     */
    public Future<Long> seek(long position) {
        return call(continuation -> delegate.seek(position, continuation));
    }

    /**
     * The position, in bytes from the beginning. While an operation is under way it is that before it.
     *
     * <p>Source: {@code tell()}.
     *
     * @throws IllegalStateException if the file is closed
     */
    public long tell() {
        return delegate.tell();
    }

    /** The size of the file, in bytes, as the system says. Source: {@code os.stat(path).st_size}. */
    public Future<Long> size() {
        return call(delegate::size);
    }

    /** Cuts the file off at the position, or adds zeros up to it. Source: {@code truncate()}. */
    public Future<Long> truncate() {
        return call(continuation -> delegate.truncate(null, continuation));
    }

    /**
     * Makes the file {@code size} bytes long: cuts off its end, or adds zeros. The position stays, perhaps behind the end.
     *
     * <p>Source: {@code truncate(size)}.
     *
     * @return the new size; fails with an {@link IllegalArgumentException} if it is negative
     */
    public Future<Long> truncate(long size) {
        return call(continuation -> delegate.truncate(size, continuation));
    }

    /** As {@link #fsync(boolean)}, with what is known of the file. Source: {@code os.fsync(fd)}. */
    public Future<@Nullable Void> fsync() {
        return fsync(true);
    }

    /**
     * Waits until the device has what was written, so that a failure of the machine does not lose it.
     *
     * <p>Source: {@code os.fsync(fd)}; without {@code metadata}, {@code os.fdatasync(fd)}.
     *
     * @param metadata whether what is known of the file counts too, such as the time of its last change
     */
    public Future<@Nullable Void> fsync(boolean metadata) {
        return callForNothing(continuation -> delegate.fsync(metadata, continuation));
    }

    /**
     * Closes the file, once the operation under way has ended; those that wait for their turn fail. Closing again waits for the
     * same.
     *
     * <p>The file is closed even if this is cancelled.
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
