// SPDX-License-Identifier: Apache-2.0
/** {@code simul repl}: Java typed at a prompt, each snippet a body of one loop. */
@NullMarked
package dev.simul.tools.repl;

import org.jspecify.annotations.NullMarked;
