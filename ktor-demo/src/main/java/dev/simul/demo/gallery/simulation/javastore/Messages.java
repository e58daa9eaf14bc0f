// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;

import static java.lang.Integer.parseInt;

/** What servers say to each other. */
final class Messages {
    private Messages() {}

    /** A candidate asks for a vote, and says where its log ends. Source: {@code RequestVote} of the paper. */
    record VoteRequest(int term, String candidate, int lastIndex, int lastTerm) {
        String text() {
            return term + " " + candidate + " " + lastIndex + " " + lastTerm;
        }

        /** Whether the candidate's log has all that was committed, as far as that log knows. */
        boolean isUpToDate(Log log) {
            return lastTerm > log.lastTerm() || (lastTerm == log.lastTerm() && lastIndex >= log.lastIndex());
        }

        static VoteRequest parse(String text) {
            String[] words = text.split(" ");
            return new VoteRequest(parseInt(words[0]), words[1], parseInt(words[2]), parseInt(words[3]));
        }
    }

    record VoteReply(int term, boolean isGranted) {
        String text() {
            return term + " " + isGranted;
        }

        static VoteReply parse(String text) {
            String[] words = text.split(" ");
            return new VoteReply(parseInt(words[0]), Boolean.parseBoolean(words[1]));
        }
    }

    /** A leader sends the entries after an index, if there are any, and how far all is committed. Source: {@code AppendEntries}. */
    record AppendRequest(int term, String leader, int previousIndex, int previousTerm, int committed, List<Entry> entries) {
        String text() {
            var lines = new StringJoiner("\n");
            lines.add(term + " " + leader + " " + previousIndex + " " + previousTerm + " " + committed);
            entries.forEach(entry -> lines.add(entry.text()));
            return lines.toString();
        }

        static AppendRequest parse(String text) {
            String[] lines = text.split("\n");
            String[] words = lines[0].split(" ");
            List<Entry> entries = Stream.of(lines).skip(1).map(Entry::parse).toList();
            return new AppendRequest(
                    parseInt(words[0]), words[1], parseInt(words[2]), parseInt(words[3]), parseInt(words[4]), entries);
        }
    }

    /** The last entry that is now the same in both logs; if the follower has refused, the last one that might be. */
    record AppendReply(int term, boolean isAccepted, int index) {
        String text() {
            return term + " " + isAccepted + " " + index;
        }

        static AppendReply parse(String text) {
            String[] words = text.split(" ");
            return new AppendReply(parseInt(words[0]), Boolean.parseBoolean(words[1]), parseInt(words[2]));
        }
    }
}
