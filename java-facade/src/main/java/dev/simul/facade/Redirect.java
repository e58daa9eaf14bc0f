// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.process.RedirectKt;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where one of a child's standard streams comes from or goes to.
 *
 * <p>Source: the values of the arguments {@code stdin}, {@code stdout} and {@code stderr} of
 * {@code asyncio.create_subprocess_exec}.
 */
public final class Redirect {
    /** The stream of this process. Source: {@code None}. */
    public static final Redirect INHERIT = new Redirect(null);

    /** A pipe to this process. Source: {@code asyncio.subprocess.PIPE}. */
    public static final Redirect PIPE = new Redirect(RedirectKt.getPIPE());

    /** For {@code stderr} only: the same destination as {@code stdout}. Source: {@code asyncio.subprocess.STDOUT}. */
    public static final Redirect STDOUT = new Redirect(RedirectKt.getSTDOUT());

    /** An empty input, or an output that is discarded. Source: {@code asyncio.subprocess.DEVNULL}. */
    public static final Redirect DEVNULL = new Redirect(RedirectKt.getDEVNULL());

    final dev.simul.process.@Nullable Redirect delegate;

    private Redirect(dev.simul.process.@Nullable Redirect delegate) {
        this.delegate = delegate;
    }

    /** Reads from the file at {@code path}. */
    public static Redirect from(Path path) {
        return new Redirect(dev.simul.process.Redirect.Companion.from(path));
    }

    /** Writes to the file at {@code path}, which is truncated or created. */
    public static Redirect to(Path path) {
        return new Redirect(dev.simul.process.Redirect.Companion.to(path));
    }

    /** Appends to the file at {@code path}, which is created if necessary. */
    public static Redirect appendTo(Path path) {
        return new Redirect(dev.simul.process.Redirect.Companion.appendTo(path));
    }

    @Override
    public String toString() {
        return delegate == null ? "INHERIT" : delegate.toString();
    }
}
