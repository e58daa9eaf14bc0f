// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * Thrown when a deadline passes before the work is done.
 *
 * Source: `TimeoutError`, which is also `asyncio.TimeoutError`.
 */
public typealias TimeoutException = java.util.concurrent.TimeoutException
