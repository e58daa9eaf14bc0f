// SPDX-License-Identifier: Apache-2.0
package sidebyside;

import dev.simul.exceptions.ExceptionGroup;
import dev.simul.facade.ProcessOptions;
import dev.simul.facade.Redirect;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createSubprocessShell;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.taskGroup;

/** Runs commands side by side, and says before each line whose it is. When one fails, or on Ctrl-C, all the others are ended. */
public class SideBySide {
    private final Consumer<String> output;

    public SideBySide(Consumer<String> output) {
        this.output = output;
    }

    /** Returns when all commands have ended well; called in a body. */
    public void run(List<String> commands) {
        await(taskGroup(group -> {
            for (int i = 0; i < commands.size(); i++) {
                String name = String.valueOf(i + 1);
                String command = commands.get(i);
                group.createTask(name, () -> run(name, command));
            }
            return null;
        }));
    }

    private void run(String name, String command) throws IOException {
        var options = new ProcessOptions().stdout(Redirect.PIPE).stderr(Redirect.STDOUT);
        var process = await(createSubprocessShell(options, command));
        try {
            for (String line : process.stdout().lines()) {
                output.accept(name + " | " + line);
            }
            int status = await(process.waitFor());
            if (status != 0) {
                throw new IOException(name + " ended with " + status + ": " + command);
            }
        } finally {
            if (process.returncode() == null) {
                process.killTree();
                await(process.waitFor());
            }
        }
    }

    public static void main(String[] args) {
        try {
            runLoop(() -> new SideBySide(System.out::println).run(List.of(args)));
        } catch (ExceptionGroup failed) {
            failed.exceptions().forEach(e -> System.err.println(e.getMessage()));
            System.exit(1);
        }
    }
}
