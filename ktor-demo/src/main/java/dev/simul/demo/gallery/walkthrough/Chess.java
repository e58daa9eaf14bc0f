// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough;

import dev.simul.facade.Task;
import dev.simul.facade.VirtualClock;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofSeconds;

final class Chess {
    private static final int OPPONENTS = 24;
    private static final int PAIRS_OF_MOVES = 30;

    static void juditMoves() {
        await(sleep(ofSeconds(5)));
    }

    static void opponentMoves() {
        await(sleep(ofSeconds(55)));
    }

    static void synchronousExhibition() {
        for (int board = 0; board < OPPONENTS; board++) {
            for (int i = 0; i < PAIRS_OF_MOVES; i++) {
                juditMoves();
                opponentMoves();
            }
        }
    }

    static void asynchronousExhibition() {
        var replies = new Task<?>[OPPONENTS];
        for (int i = 0; i < PAIRS_OF_MOVES; i++) {
            for (int board = 0; board < OPPONENTS; board++) {
                if (replies[board] != null) {
                    await(replies[board]);
                }
                juditMoves();
                replies[board] = createTask(Chess::opponentMoves);
            }
        }
    }

    static double hours(Runnable exhibition) {
        return VirtualClock.runTest(() -> {
            exhibition.run();
            return getRunningLoop().time().toSeconds() / 3600.0;
        });
    }

    static void main(String[] args) {
        System.out.printf("Synchronous version: %.2f hours%n", hours(Chess::synchronousExhibition));
        System.out.printf("Asynchronous version: %.2f hours%n", hours(Chess::asynchronousExhibition));
    }
}
