// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.toThread;
import static dev.simul.facade.HttpServing.answer;
import static dev.simul.facade.HttpServing.answering;
import static dev.simul.facade.HttpServing.get;
import static dev.simul.facade.HttpServing.say;
import static dev.simul.facade.HttpServing.send;
import static dev.simul.facade.HttpServing.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What JDK 18 has added to the package, which the loop's server serves as its own; older JDKs have none of it. */
class HttpServerNewerJdksTest {
    private static final boolean IS_NEW = Runtime.version().feature() >= 18;
    private final HttpServing here = new HttpServing();

    /** The result of a static method of the package. */
    private static Object call(String type, String method, Class<?>[] types, Object... arguments) throws Exception {
        try {
            return Class.forName("com.sun.net.httpserver." + type).getMethod(method, types).invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    private static Class<?>[] types(Class<?>... types) {
        return types;
    }

    /** On older JDKs, that {@code action} finds nothing of it; on newer ones runs it. */
    private static void where(Action action) throws Exception {
        if (IS_NEW) action.run();
        else assertThrows(ReflectiveOperationException.class, action::run);
    }

    @Test
    @DisplayName("handlers of HttpHandlers: a canned answer, and one or the other")
    void handlers() throws Exception {
        where(() -> {
            var headers = call("Headers", "of", types(String[].class), (Object) new String[] {"X-Canned", "yes"});
            var canned = (HttpHandler) call("HttpHandlers", "of", types(int.class, Headers.class, String.class), 200, headers, "canned");
            Predicate<HttpExchange> isPost = exchange -> exchange.getRequestMethod().equals("POST");
            var either = (HttpHandler) call(
                    "HttpHandlers", "handleOrElse", types(Predicate.class, HttpHandler.class, HttpHandler.class), isPost, answering("posted"), canned);
            here.serving(either, () -> {
                assertEquals("200 canned", get("/"));
                assertEquals("yes", send(to("/")).headers().firstValue("X-Canned").orElse(""));
                assertEquals("posted", send(to("/").POST(java.net.http.HttpRequest.BodyPublishers.noBody())).body());
                assertEquals("HTTP/1.1 200 OK\nX-canned: yes\nContent-Length: 6\n\n", say("HEAD / HTTP/1.1\nHost: a\n\n"));
            });
        });
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("filters before and after the handler, and one that adapts the request")
    void filters() throws Exception {
        where(() -> {
            UnaryOperator<Object> adapting = request -> {
                try {
                    return Class.forName("com.sun.net.httpserver.Request")
                            .getMethod("with", String.class, List.class)
                            .invoke(request, "X-Added", List.of("by a filter"));
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            };
            var adapt = (Filter) call("Filter", "adaptRequest", types(String.class, UnaryOperator.class), "adapts", adapting);
            here.withServer(server -> {
                var context = server.createContext("/", exchange -> answer(exchange, 200, exchange.getRequestHeaders().getFirst("x-added")));
                context.getFilters().add(adapt);
                server.start();
                assertEquals("200 by a filter", get("/"));
            });
        });
        assertEquals(List.of(), here.reported);
    }

    @Test
    @DisplayName("the handler of files, in a thread, and the filter that writes a log")
    void files(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("a.txt"), "from a file");
        Files.write(folder.resolve("large"), new byte[1_000_000]);
        var log = new ByteArrayOutputStream();
        where(() -> {
            var files = (HttpHandler) call("SimpleFileServer", "createFileHandler", types(Path.class), folder.toAbsolutePath());
            var level = Class.forName("com.sun.net.httpserver.SimpleFileServer$OutputLevel");
            var logging = (Filter) call("SimpleFileServer", "createOutputFilter", types(OutputStream.class, level), log, level.getEnumConstants()[1]);
            here.withServer(server -> {
                server.createContext("/", exchange -> await(toThread(() -> files.handle(exchange)))).getFilters().add(logging);
                server.createContext("/on-the-loop/", files);
                server.start();
                assertEquals("200 from a file", get("/a.txt"));
                HttpResponse<String> large = send(to("/large"));
                assertEquals(1_000_000, large.body().length());
                assertTrue(get("/").contains("a.txt"));
                assertTrue(get("/nowhere").startsWith("404 "));
                assertEquals("200 from a file", get("/on-the-loop/a.txt"));
            });
            assertTrue(log.toString().contains("\"GET /a.txt HTTP/1.1\" 200"), log::toString);
        });
        assertEquals(List.of(), here.reported);
    }
}
