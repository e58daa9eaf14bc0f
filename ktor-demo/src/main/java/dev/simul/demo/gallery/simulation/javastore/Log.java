// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import java.util.ArrayList;
import java.util.List;

/** The commands in the order in which all servers apply them. Its first entry has the index 1. */
final class Log {
    private final List<Entry> entries = new ArrayList<>();

    int lastIndex() {
        return entries.size();
    }

    int lastTerm() {
        return termAt(lastIndex());
    }

    Entry get(int index) {
        return entries.get(index - 1);
    }

    /** The term of an entry; 0 before the first one. */
    int termAt(int index) {
        return index == 0 ? 0 : get(index).term();
    }

    void append(Entry entry) {
        entries.add(entry);
    }

    /** Whether it has the entry at that index, from that term: all that comes before is then the same, too. */
    boolean matches(int index, int term) {
        return index <= lastIndex() && termAt(index) == term;
    }

    List<Entry> after(int index) {
        return List.copyOf(entries.subList(index, entries.size()));
    }

    /** Puts entries after the one at that index, in place of what another leader has put there. */
    void replaceAfter(int index, List<Entry> following) {
        int place = index;
        for (Entry entry : following) {
            place++;
            if (!matches(place, entry.term())) {
                entries.subList(Math.min(place - 1, entries.size()), entries.size()).clear();
                entries.add(entry);
            }
        }
    }
}
