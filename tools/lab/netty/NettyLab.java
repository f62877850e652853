// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Netty program that says what it does, so that what is seen from outside can be
 * held against it. NettyLab MODE...: one after the other,
 *
 *   server      ServerBootstrap with a group of 1 loop and one of 4, 40 connections
 *   one-group   ServerBootstrap with one group of 2 loops for both, 8 connections
 *   client      Bootstrap with a group of 2 loops, 8 connections
 *   write       Channel.write() against ChannelHandlerContext.write()
 *
 * The other side is in threads of this program that wait for nothing but their own
 * read, so that they are no event loops. They ask -Drounds=N times on each connection,
 * and what was registered stays for -Dhold=MS.
 * Of the first three modes each loop and each of its channels has a line:
 *
 *   loop MODE TID READS NAME
 *   channel MODE TID LOCAL_PORT PEER_PORT
 *   outside MODE READS
 *
 * where the last one counts reads that another thread than the loop's has made.
 */
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

public class NettyLab {
	static final int ROUNDS = Integer.getInteger("rounds", 3);
	static final int PAUSE_MS = 100; /* after a round */
	static final int SIZE = 64; /* of a request and of its answer, in bytes */
	static final int WORK_MS = 1;
	static final int SLOW_MS = 5;
	static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
	static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOOPBACK, 0);

	final String mode;
	final Map<EventExecutor, Loop> loops = new ConcurrentHashMap<>();
	final List<Channel> channels = Collections.synchronizedList(new ArrayList<>());
	final AtomicInteger outside = new AtomicInteger();

	NettyLab(String mode) {
		this.mode = mode;
	}

	static class Loop {
		final Thread thread = Thread.currentThread();
		final int tid = tid();
		volatile int reads; /* by its own thread alone */
	}

	/* As the kernel calls this thread. */
	static int tid() {
		try {
			return Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self"))
				.getFileName().toString());
		} catch (IOException e) {
			throw new IllegalStateException(e);
		}
	}

	static int port(java.net.SocketAddress address) {
		return ((InetSocketAddress) address).getPort();
	}

	/* Starts all threads of a group, the idle ones, too. */
	EventLoopGroup group(int threads) throws Exception {
		EventLoopGroup group = new NioEventLoopGroup(threads);

		for (EventExecutor loop : group)
			loops.put(loop, loop.submit(Loop::new).get());
		return group;
	}

	/* Sees each channel that becomes active, and each of its reads. */
	class Watch extends ChannelInboundHandlerAdapter {
		@Override
		public void channelActive(ChannelHandlerContext ctx) {
			channels.add(ctx.channel());
			ctx.fireChannelActive();
		}

		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message) {
			Loop loop = loops.get(ctx.channel().eventLoop());

			if (!ctx.channel().eventLoop().inEventLoop() ||
			    Thread.currentThread() != loop.thread)
				outside.incrementAndGet();
			loop.reads++;
			ctx.fireChannelRead(message);
		}
	}

	void report() {
		loops.values().stream().sorted((a, b) -> a.tid - b.tid).forEach(l ->
			System.out.printf("loop %s %d %d %s%n", mode, l.tid, l.reads,
					  l.thread.getName()));
		for (Channel c : channels)
			System.out.printf("channel %s %d %d %d%n", mode,
					  loops.get(c.eventLoop()).tid, port(c.localAddress()),
					  port(c.remoteAddress()));
		System.out.printf("outside %s %d%n", mode, outside.get());
	}

	static void hold() throws InterruptedException {
		Thread.sleep(Integer.getInteger("hold", 1500));
	}

	static void end(EventLoopGroup... groups) {
		for (EventLoopGroup g : groups)
			g.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS)
				.syncUninterruptibly();
	}

	static void ask(Socket s, String request) throws IOException {
		s.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
	}

	static int answer(Socket s, byte[] into, int size) throws IOException {
		InputStream in = s.getInputStream();
		int got = 0;

		while (got < size) {
			int n = in.read(into, got, into.length - got);

			if (n < 0)
				throw new IOException("the connection ended");
			got += n;
		}
		return got;
	}

	/* --- ServerBootstrap ------------------------------------------------------------ */

	static class Echo extends ChannelInboundHandlerAdapter {
		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message) {
			ctx.writeAndFlush(message);
		}
	}

	/* A server, and connections that all ask before the first one takes its answer. */
	void serve(EventLoopGroup parent, EventLoopGroup children, int clients) throws Exception {
		ServerBootstrap b = new ServerBootstrap().group(parent, children)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel c) {
					c.pipeline().addLast(new Watch(), new Echo());
				}
			});
		InetSocketAddress address =
			(InetSocketAddress) b.bind(ANY_PORT).sync().channel().localAddress();
		List<Socket> sockets = new ArrayList<>();
		byte[] text = new byte[SIZE];

		for (int i = 0; i < clients; i++)
			sockets.add(new Socket(LOOPBACK, address.getPort()));
		Arrays.fill(text, (byte) 'q');
		for (int round = 0; round < ROUNDS; round++) {
			for (Socket s : sockets)
				s.getOutputStream().write(text);
			for (Socket s : sockets)
				answer(s, text, SIZE);
			Thread.sleep(PAUSE_MS);
		}
		hold();
		report();
		for (Socket s : sockets)
			s.close();
		/* each loop has read the ends before it is told to end itself */
		for (Channel c : channels)
			c.closeFuture().sync();
	}

	void server() throws Exception {
		EventLoopGroup parent = group(1);
		EventLoopGroup children = group(4);

		serve(parent, children, 40);
		end(parent, children);
	}

	void oneGroup() throws Exception {
		EventLoopGroup group = group(2);

		serve(group, group, 8);
		end(group);
	}

	/* --- Bootstrap ------------------------------------------------------------------- */

	static Thread start(String name, Runnable what) {
		Thread t = new Thread(what, name);

		t.setDaemon(true);
		t.start();
		return t;
	}

	/* Gives back what it reads, until the other side ends. */
	static void echo(Socket s) {
		byte[] text = new byte[SIZE];

		try (s) {
			for (;;)
				s.getOutputStream().write(text, 0, answer(s, text, SIZE));
		} catch (IOException e) {
			return;
		}
	}

	void client() throws Exception {
		EventLoopGroup group = group(2);
		ServerSocket listener = new ServerSocket(0, 50, LOOPBACK);
		CountDownLatch answers = new CountDownLatch(8 * ROUNDS);
		Bootstrap b = new Bootstrap().group(group).channel(NioSocketChannel.class)
			.handler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel c) {
					c.pipeline().addLast(new Watch(), new Again(answers));
				}
			});

		for (int i = 0; i < 8; i++) {
			b.connect(listener.getLocalSocketAddress()).sync();
			Socket s = listener.accept();

			start("peer", () -> echo(s));
		}
		answers.await();
		hold();
		report();
		end(group);
		listener.close();
	}

	/* Asks, and on each answer asks again. */
	static class Again extends ChannelInboundHandlerAdapter {
		final CountDownLatch answers;
		int left = ROUNDS;

		Again(CountDownLatch answers) {
			this.answers = answers;
		}

		void ask(ChannelHandlerContext ctx) {
			ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[SIZE]));
		}

		@Override
		public void channelActive(ChannelHandlerContext ctx) {
			ask(ctx);
		}

		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message) {
			((ByteBuf) message).release();
			if (--left > 0)
				ask(ctx);
			answers.countDown();
		}
	}

	/* --- write() ------------------------------------------------------------------------ */

	static final String BY_CHANNEL = "Channel.write()\n";
	static final String BY_CONTEXT = "ChannelHandlerContext.write()\n";

	/* Which handlers a message went through, in turn. */
	static final List<String> order = Collections.synchronizedList(new ArrayList<>());

	/* An outbound handler that takes its time. */
	static class Outbound extends ChannelOutboundHandlerAdapter {
		final String name;
		final int ms;

		Outbound(String name, int ms) {
			this.name = name;
			this.ms = ms;
		}

		@Override
		public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
			throws InterruptedException {
			order.add(name);
			Thread.sleep(ms);
			ctx.write(message, promise);
		}
	}

	/* Answers each request by the call that it names. */
	static class Answer extends ChannelInboundHandlerAdapter {
		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message)
			throws InterruptedException {
			order.add("answer");
			Thread.sleep(WORK_MS);
			if (((ByteBuf) message).readableBytes() == BY_CHANNEL.length())
				ctx.channel().writeAndFlush(message);
			else
				ctx.writeAndFlush(message);
		}
	}

	/* Asks for both in turn; the first of each, which loads classes, says nothing. */
	static void askInTurn(int port) {
		byte[] text = new byte[SIZE];
		StringBuilder said = new StringBuilder();

		try (Socket s = new Socket(LOOPBACK, port)) {
			for (int i = 0; i < 2 * (1 + ROUNDS); i++) {
				String request = i % 2 == 0 ? BY_CHANNEL : BY_CONTEXT;
				long asked = System.nanoTime();

				order.clear();
				ask(s, request);
				answer(s, text, request.length());
				long took = System.nanoTime() - asked;

				if (i >= 2)
					said.append(String.format("%-29s %5.2f ms  %s%n",
						request.trim(), took / 1e6,
						String.join(" -> ", order)));
			}
		} catch (IOException e) {
			throw new IllegalStateException(e);
		}
		System.out.print(said);
	}

	static void write() throws Exception {
		EventLoopGroup group = new NioEventLoopGroup(1);
		ServerBootstrap b = new ServerBootstrap().group(group)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<Channel>() {
				@Override
				protected void initChannel(Channel c) {
					c.pipeline().addLast(new Outbound("quick", 0), new Answer(),
							     new Outbound("slow", SLOW_MS));
				}
			});
		int port = port(b.bind(ANY_PORT).sync().channel().localAddress());

		start("client", () -> askInTurn(port)).join();
		end(group);
	}

	public static void main(String[] modes) throws Exception {
		for (String mode : modes) {
			switch (mode) {
			case "server": new NettyLab(mode).server(); break;
			case "one-group": new NettyLab(mode).oneGroup(); break;
			case "client": new NettyLab(mode).client(); break;
			case "write": write(); break;
			default:
				System.err.println("NettyLab: no mode '" + mode + "'");
				System.exit(2);
			}
		}
	}
}
