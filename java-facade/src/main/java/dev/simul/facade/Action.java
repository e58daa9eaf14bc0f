// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * A body that returns nothing. What takes a {@link java.util.concurrent.Callable} without arguments takes this too, so that no
 * body ends with {@code return null}.
 *
 * <p>A lambda whose block returns no value is an action, and so is a lambda or a method reference that calls a method of type
 * {@code void}. What returns a value is a callable, and so is a block that never ends normally. A reference to an overloaded
 * method may be either, which javac reports as ambiguous: write a lambda that calls it.
 *
 * <p>Source: an {@code async def} function without {@code return}.
 */
@FunctionalInterface
public interface Action {
    /** Runs the body. What it throws reaches who awaits it as it is. */
    void run() throws Exception;
}
