// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * Both ends of what a loop has connected: its own, and the user's.
 *
 * <p>CPython name: the pair that {@code loop.create_connection} returns.
 *
 * @param <T> a {@link Transport}, say
 * @param <P> what the protocol factory makes
 * @param transport the loop's end
 * @param protocol the user's end
 */
public record Connection<T extends BaseTransport, P extends BaseProtocol>(T transport, P protocol) {}
