// SPDX-License-Identifier: Apache-2.0
/** The TCP server of {@code simul demo mojifinder} once more, in Java. */
@NullMarked
package dev.simul.demo.mojifinder;

import org.jspecify.annotations.NullMarked;
