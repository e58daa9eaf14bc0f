// SPDX-License-Identifier: Apache-2.0
/** Asyncio for plain Java: every call returns a future, and a body awaits it in a straight line. */
@NullMarked
package dev.simul.facade;

import org.jspecify.annotations.NullMarked;
