// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.facade.TaskGroup;
import dev.simul.facade.Timeout;
import java.util.ArrayDeque;
import java.util.Deque;

/** What one call of a function owns: its open task groups and timeouts, innermost last. */
final class Frame {
    final Deque<TaskGroup> groups = new ArrayDeque<>();
    final Deque<Timeout> timeouts = new ArrayDeque<>();
}
