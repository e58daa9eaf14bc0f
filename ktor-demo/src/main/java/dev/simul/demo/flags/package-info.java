// SPDX-License-Identifier: Apache-2.0
/** {@code simul demo flags} in Java; the rest of it is in Kotlin. */
@NullMarked
package dev.simul.demo.flags;

import org.jspecify.annotations.NullMarked;
