// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createFuture;
import static dev.simul.facade.Asyncio.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How what can be asked without arguments is called, in the facade and in those types of the runtime that it names. */
class MemberNamesTest {
    /** CPython calls them `get_…`, and says so with parentheses. */
    private static final Set<String> GETTERS =
            Set.of(
                    "Asyncio.getEventLoop",
                    "Asyncio.getRunningLoop",
                    "BackgroundLoop.getLoop",
                    "DatagramTransport.getProtocol",
                    "DatagramTransport.getWriteBufferLimits",
                    "DatagramTransport.getWriteBufferSize",
                    "EventLoop.getDebug",
                    "EventLoop.getExceptionHandler",
                    "Future.getLoop",
                    "Handle.getContext",
                    "Model.getInitial", // A property of a Kotlin interface cannot be called otherwise.
                    "Poller.getSelectorProvider", // Likewise.
                    "Queue.getNowait",
                    "Runner.getLoop",
                    "Server.getLoop",
                    "SubprocessTransport.getPid",
                    "SubprocessTransport.getProtocol",
                    "SubprocessTransport.getReturncode",
                    "Task.getContext",
                    "Task.getName",
                    "Transport.getProtocol",
                    "Transport.getWriteBufferLimits",
                    "Transport.getWriteBufferSize");

    private final Set<Class<?>> seen = new LinkedHashSet<>();
    private final Deque<Class<?>> open = new ArrayDeque<>();

    @Test
    @DisplayName("get is before a name where CPython's method begins with get_, and is or has only before a yes or no")
    void getters() throws Exception {
        var getters = new TreeSet<String>();
        var questions = new TreeSet<String>();
        for (Class<?> type : namedTypes()) {
            for (Method method : type.getDeclaredMethods()) {
                if (!isOffered(method) || method.getParameterCount() > 0 || isOfTheJdk(method)) continue;
                String name = type.getSimpleName() + "." + method.getName();
                if (method.getName().matches("get[A-Z].*")) getters.add(name);
                if (method.getName().matches("(is|has|can)[A-Z].*") && method.getReturnType() != boolean.class) questions.add(name);
            }
        }
        assertEquals(new TreeSet<>(GETTERS), getters);
        assertEquals(Set.of(), questions);
    }

    @Test
    @DisplayName("a future says the same by CPython's names and by Java's")
    void futures() {
        run(() -> {
            var future = createFuture();
            assertEquals(List.of(false, false), List.of(future.done(), future.cancelled()));
            future.cancel();
            assertEquals(List.of(true, true), List.of(future.done(), future.isDone()));
            assertEquals(List.of(true, true), List.of(future.cancelled(), future.isCancelled()));
        });
    }

    private Set<Class<?>> namedTypes() throws Exception {
        var classes = Path.of(Asyncio.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(classes.resolve("dev/simul/facade"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".class")).toList()) {
                visit(Class.forName(classes.relativize(file).toString().replace(".class", "").replace('/', '.')));
            }
        }
        while (!open.isEmpty()) {
            Class<?> type = open.remove();
            visit(type.getGenericSuperclass());
            for (Type parent : type.getGenericInterfaces()) visit(parent);
            for (Method method : type.getDeclaredMethods()) {
                if (!isOffered(method)) continue;
                visit(method.getGenericReturnType());
                for (Type parameter : method.getGenericParameterTypes()) visit(parameter);
            }
        }
        assertTrue(seen.contains(dev.simul.context.Token.class), seen::toString);
        assertTrue(seen.contains(dev.simul.simulation.histories.Call.class), seen::toString);
        return seen;
    }

    private void visit(Type type) {
        if (type instanceof Class<?> named) {
            if (named.isArray()) visit(named.getComponentType());
            boolean isOurs = named.getName().startsWith("dev.simul.") && Modifier.isPublic(named.getModifiers());
            if (isOurs && seen.add(named)) open.add(named);
        } else if (type instanceof ParameterizedType parameterized) {
            visit(parameterized.getRawType());
            for (Type argument : parameterized.getActualTypeArguments()) visit(argument);
        } else if (type instanceof WildcardType wildcard) {
            for (Type bound : wildcard.getUpperBounds()) visit(bound);
        }
    }

    /** What is internal in Kotlin has a name that Java cannot write, and enums of Kotlin list themselves. */
    private static boolean isOffered(Method method) {
        return Modifier.isPublic(method.getModifiers())
                && !method.isSynthetic()
                && !method.getName().contains("$")
                && !method.getName().equals("getEntries");
    }

    private static boolean isOfTheJdk(Method method) {
        for (Class<?> type = method.getDeclaringClass().getSuperclass(); type != null; type = type.getSuperclass()) {
            if (!type.getName().startsWith("dev.simul.") && declares(type, method)) return true;
        }
        return false;
    }

    private static boolean declares(Class<?> type, Method method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(it -> it.getName().equals(method.getName()) && it.getParameterCount() == 0);
    }
}
