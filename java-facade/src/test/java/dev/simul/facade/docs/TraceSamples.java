// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.NoSuchElementException;
import org.slf4j.MDC;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static java.time.Duration.ofMillis;

/** The blocks of the guide to diagnosis about traces and contexts; TraceSamplesTest runs them, DocsTest compares. */
final class TraceSamples {
    private TraceSamples() {}

    static String accountOf(int customer) {
        await(sleep(ofMillis(10)));
        throw new NoSuchElementException("customer " + customer + " has no account");
    }

    static String balanceOf(int customer) {
        var account = accountOf(customer);
        return "balance of " + account;
    }

    static void printBalance() {
        var balance = createTask("balance", () -> balanceOf(7));
        System.out.println(await(balance));
    }

    static void carryMdcBySlf4j() {
        getRunningLoop().addContextCarrier(MDC::getCopyOfContextMap, map -> MDC.setContextMap(map == null ? Map.of() : map));
    }

    static void carryOpenTelemetry() {
        getRunningLoop().addContextCarrier(Context::current, Context::makeCurrent);
    }
}
