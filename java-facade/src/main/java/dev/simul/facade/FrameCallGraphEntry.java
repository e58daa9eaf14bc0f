// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * A frame of a task in a {@link FutureCallGraph}.
 *
 * <p>Source: {@code asyncio.FrameCallGraphEntry}.
 *
 * @param frame its class, method, file and line
 * @param isAsync whether it is that of a suspended function of Kotlin, kept in the heap; other frames lie on the stack of a thread
 */
public record FrameCallGraphEntry(StackTraceElement frame, boolean isAsync) {}
