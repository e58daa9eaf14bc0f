// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale;

import dev.simul.facade.MemoryChannel;
import dev.simul.facade.MemoryReceiveChannel;
import dev.simul.facade.MemorySendChannel;
import dev.simul.queues.QueueShutDown;
import java.util.List;

import static dev.simul.demo.gallery.Stage.run;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.open;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.toThread;

final class Pipeline {
    private static final List<String> LINES = List.of("the loop waits", "for timers and sockets", "and for another loop");

    /** Runs in the other loop: receives lines, and sends back how many words they have. */
    static void countWords(MemoryReceiveChannel<String> lines, MemorySendChannel<Integer> counts) {
        try (lines; counts) {
            for (String line : lines) {
                await(counts.send(line.split(" ").length));
            }
        }
    }

    static void main(String[] args) {
        var other = open();
        run(() -> {
            MemoryChannel<String> there = getRunningLoop().channelTo(other.getLoop(), 2, "lines");
            MemoryChannel<Integer> back = other.getLoop().channelTo(getRunningLoop(), 2, "counts");
            other.submit(() -> countWords(there.receiver(), back.sender()));
            await(taskGroup(group -> {
                group.createTask(() -> {
                    try (var sender = there.sender()) {
                        for (String line : LINES) {
                            await(sender.send(line));
                        }
                    }
                });
                int number = 0;
                for (int count : back.receiver()) {
                    System.out.println(count + " words: " + LINES.get(number++));
                }
                return null;
            }));

            // Nobody receives from this one, and its other loop goes away.
            MemoryChannel<String> letters = getRunningLoop().channelTo(other.getLoop(), 1, "letters");
            await(letters.sender().send("a"));
            System.out.println(letters.sender());
            await(toThread(other::close));
            try {
                await(letters.sender().send("b"));
            } catch (QueueShutDown e) {
                System.out.println(e.getMessage());
            }
        });
    }
}
