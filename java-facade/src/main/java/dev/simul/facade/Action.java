// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * A body that returns nothing. Methods that take a {@link java.util.concurrent.Callable} without arguments have an overload for
 * this type, so that no body need end with {@code return null}.
 *
 * <p>A lambda whose block returns no value is an action, and so is a lambda or a method reference that calls a method of type
 * {@code void}. A lambda that returns a value is a callable, and so is a block that never completes normally. A reference to an
 * overloaded method could be either, which javac reports as ambiguous: write a lambda that calls it.
 *
 * <p>Source: an {@code async def} function without {@code return}.
 */
@FunctionalInterface
public interface Action {
    /** Runs the body. Its exceptions reach the awaiting code unwrapped. */
    void run() throws Exception;
}
