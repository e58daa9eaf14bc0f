// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

/**
 * Between which numbers of unsent bytes a protocol is paused and resumed.
 *
 * <p>CPython name: the pair that {@code WriteTransport.get_write_buffer_limits()} returns.
 *
 * @param low it is resumed when this many bytes wait to be sent, or fewer
 * @param high it is paused when more than this wait
 */
public record WriteBufferLimits(int low, int high) {
    static WriteBufferLimits of(dev.simul.transports.WriteBufferLimits source) {
        return new WriteBufferLimits(source.getLow(), source.getHigh());
    }
}
