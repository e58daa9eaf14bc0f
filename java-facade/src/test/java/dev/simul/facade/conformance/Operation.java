// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.conformance.Statement;

/** What a statement does. */
@FunctionalInterface
interface Operation {
    void run(Machine machine, Frame frame, Statement statement) throws Exception;
}
