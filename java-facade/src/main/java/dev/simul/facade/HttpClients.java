// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.http.jdk.JdkHttp;
import dev.simul.loop.RunningLoopKt;
import java.net.http.HttpClient;

/** The JDK's HTTP client on a loop. Only programs that use it need the module {@code java.net.http}, which this class names. */
final class HttpClients {
    private HttpClients() {}

    static HttpClient.Builder newBuilder() {
        return JdkHttp.httpClientBuilder(RunningLoopKt.getEventLoop(), HttpWaits.INSTANCE);
    }
}
