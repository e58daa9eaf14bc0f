// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What has happened, for people: a line each, with the time and who did it. */
public final class Story {
    private final StringJoiner lines = new StringJoiner("\n");
    private final Map<Integer, String> leaders = new HashMap<>();
    private final Supplier<Duration> now;
    private final Consumer<String> log;
    private @Nullable String leader;
    private @Nullable String voter;
    private @Nullable String rivals;

    /**
     * An empty one.
     *
     * @param now the time since the beginning
     * @param log is told each line too, without the time
     */
    public Story(Supplier<Duration> now, Consumer<String> log) {
        this.now = now;
        this.log = log;
    }

    /** Adds a line. */
    public void tell(String who, String what) {
        lines.add("%5d ms  %-4s %s".formatted(now.get().toMillis(), who, what));
        log.accept(who + " " + what);
    }

    void votes(String who, String candidate, int term) {
        tell(who, "votes for " + candidate + " in term " + term);
        voter = who;
    }

    void leads(String who, int term) {
        tell(who, "leads in term " + term);
        leader = who;
        String other = leaders.put(term, who);
        if (other != null) {
            rivals = other + " and " + who + " both lead in term " + term;
        }
    }

    /** Who has come to lead last. */
    @Nullable String leader() {
        return leader;
    }

    /** Who has voted last. */
    @Nullable String voter() {
        return voter;
    }

    /** Two leaders of one term; null as long as there are none. */
    public @Nullable String rivals() {
        return rivals;
    }

    /** How many terms had a leader. */
    public int terms() {
        return leaders.size();
    }

    @Override
    public String toString() {
        return lines.toString();
    }
}
