// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a child is started, for {@link Asyncio#createSubprocessExec} and similar methods. Immutable: each method returns a changed
 * copy.
 *
 * <pre>{@code
 * createSubprocessExec(new ProcessOptions().stdout(Redirect.PIPE).cwd(folder), "git", "log");
 * }</pre>
 *
 * <p>A stream that nothing is said of is this process's for {@link Asyncio#createSubprocessExec} and
 * {@link Asyncio#createSubprocessShell}, and a pipe for {@link EventLoop#subprocessExec} and {@link EventLoop#subprocessShell}.
 *
 * <p>Source: the keyword arguments of {@code asyncio.create_subprocess_exec}.
 */
public final class ProcessOptions {
    static final ProcessOptions NONE = new ProcessOptions();

    private @Nullable Redirect stdin;
    private @Nullable Redirect stdout;
    private @Nullable Redirect stderr;
    private int limit = StreamReader.DEFAULT_LIMIT;
    private @Nullable Path cwd;
    private @Nullable Map<String, String> env;

    /** The defaults. */
    public ProcessOptions() {}

    private ProcessOptions with(Consumer<ProcessOptions> change) {
        var changed = new ProcessOptions();
        changed.stdin = stdin;
        changed.stdout = stdout;
        changed.stderr = stderr;
        changed.limit = limit;
        changed.cwd = cwd;
        changed.env = env;
        change.accept(changed);
        return changed;
    }

    /** These, with a child that reads from there. */
    public ProcessOptions stdin(Redirect stdin) {
        return with(it -> it.stdin = stdin);
    }

    /** These, with a child that writes there. */
    public ProcessOptions stdout(Redirect stdout) {
        return with(it -> it.stdout = stdout);
    }

    /** These, with a child that writes errors there. */
    public ProcessOptions stderr(Redirect stderr) {
        return with(it -> it.stderr = stderr);
    }

    /** These, with that limit of the {@link StreamReader}s, in bytes. */
    public ProcessOptions limit(int limit) {
        return with(it -> it.limit = limit);
    }

    /** These, with a child that works in that directory; without it, in that of this process. */
    public ProcessOptions cwd(Path directory) {
        return with(it -> it.cwd = directory);
    }

    /** These, with a child that has these environment variables, and no others; without them, those of this process. */
    public ProcessOptions env(Map<String, String> variables) {
        return with(it -> it.env = Map.copyOf(variables));
    }

    /** These; what nothing is said of is a pipe. */
    ProcessOptions orPipes() {
        return with(it -> {
            it.stdin = stdin == null ? Redirect.PIPE : stdin;
            it.stdout = stdout == null ? Redirect.PIPE : stdout;
            it.stderr = stderr == null ? Redirect.PIPE : stderr;
        });
    }

    private static dev.simul.process.@Nullable Redirect delegateOf(@Nullable Redirect redirect) {
        return redirect == null ? null : redirect.delegate;
    }

    dev.simul.process.@Nullable Redirect stdin() {
        return delegateOf(stdin);
    }

    dev.simul.process.@Nullable Redirect stdout() {
        return delegateOf(stdout);
    }

    dev.simul.process.@Nullable Redirect stderr() {
        return delegateOf(stderr);
    }

    int limit() {
        return limit;
    }

    @Nullable Path cwd() {
        return cwd;
    }

    @Nullable Map<String, String> env() {
        return env;
    }
}
