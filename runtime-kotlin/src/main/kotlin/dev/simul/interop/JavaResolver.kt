// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaResolver")

package dev.simul.interop

import dev.simul.Awaitable
import dev.simul.FacadeApi
import dev.simul.loop.EventLoop
import dev.simul.net.Resolver
import dev.simul.net.resetResolver
import dev.simul.net.resolver
import java.net.InetAddress

/** Sets [EventLoop.resolver] to one made of [addresses] and [names]; to the loop's default again if these are null. */
@FacadeApi
public fun setResolver(
    loop: EventLoop,
    addresses: ((String) -> Awaitable<List<InetAddress>>)?,
    names: ((InetAddress) -> Awaitable<String>)?,
) {
    if (addresses == null || names == null) loop.resetResolver() else loop.resolver = AwaitedResolver(addresses, names)
}

private class AwaitedResolver(
    private val addresses: (String) -> Awaitable<List<InetAddress>>,
    private val names: (InetAddress) -> Awaitable<String>,
) : Resolver {
    override suspend fun getaddrinfo(host: String): List<InetAddress> = addresses(host).await()

    override suspend fun getnameinfo(address: InetAddress): String = names(address).await()
}
