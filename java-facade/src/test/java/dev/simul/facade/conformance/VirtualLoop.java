// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.bodies.Carrier;
import dev.simul.bodies.CarrierKt;
import dev.simul.conformance.VirtualTime;
import dev.simul.facade.EventLoop;
import dev.simul.loop.RunningLoopKt;
import java.util.stream.Stream;

import static dev.simul.facade.Asyncio.getEventLoop;
import static dev.simul.facade.Asyncio.setEventLoop;

/** The facade's loops on the clock of the conformance programs; all that the Java machine has from the runtime itself. */
final class VirtualLoop {
    private VirtualLoop() {}

    /** The carriers that the JVM of the tests has. */
    static Stream<Carrier> carriers() {
        return Stream.of(Carrier.values()).filter(carrier -> {
            try (var loop = new dev.simul.loop.EventLoop()) {
                CarrierKt.setCarrier(loop, carrier);
                return true;
            } catch (IllegalArgumentException e) {
                return false;
            }
        });
    }

    /** The carrier that {@code SIMUL_CARRIER} asks for, or the best that there is. */
    static Carrier carrierByDefault() {
        try (var loop = new dev.simul.loop.EventLoop()) {
            return CarrierKt.getCarrier(loop);
        }
    }

    static EventLoop on(VirtualTime time, Carrier carrier) {
        var loop = new dev.simul.loop.EventLoop(time, time);
        CarrierKt.setCarrier(loop, carrier);
        RunningLoopKt.setEventLoop(loop);
        try {
            return getEventLoop();
        } finally {
            setEventLoop(null);
        }
    }
}
