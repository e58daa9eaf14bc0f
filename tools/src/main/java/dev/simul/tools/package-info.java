// SPDX-License-Identifier: Apache-2.0
/**
 * What users run beside their own programs. {@link Main} runs a tool by its name; each tool has a package of its own.
 *
 * <p>The tools need the runtime, the facade and a terminal, and no program depends on them.
 */
@NullMarked
package dev.simul.tools;

import org.jspecify.annotations.NullMarked;
